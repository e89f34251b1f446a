"""Reads routes, events, commands, roles and names of a service from its source and its contracts."""

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from infra.deploy.templates import load
from shared.events import commands
from shared.events.catalogue import EVENTS

ROOT: Final = Path(__file__).parents[3]
OPERATIONS: Final = {"health", "ready", "openapi.json"}
METHODS: Final = {"get", "put", "post", "patch", "delete"}
# Event class → its type. Both names, because `ModelInvoked` is an event of three services.
TYPES: Final = {(event.__module__.rpartition(".")[2], event.__name__): event.event_type for event in EVENTS}
COMMANDS: Final = {each.__name__ for each in commands.Command.__subclasses__() if each.__module__ == commands.__name__}
CATALOGUE: Final = "shared.events.catalogue"


@dataclass(frozen=True)
class ServiceCode:
    name: str

    @property
    def routes(self) -> set[tuple[str, str]]:
        """Method and path of every public route, without the three that every service has."""
        document = json.loads((ROOT / f"docs/openapi/{self.name}.json").read_text(encoding="utf-8"))
        paths = {path: found for path, found in document["paths"].items() if path.split("/")[-1] not in OPERATIONS}
        return {(method.upper(), path) for path, found in paths.items() for method in found.keys() & METHODS}

    @property
    def internal_routes(self) -> set[str]:
        """Paths for other services. The OpenAPI document leaves them out."""
        return {string for string in self._strings if string.startswith(f"/internal/{self.name}/")}

    @property
    def roles(self) -> set[str]:
        """As the template of the service declares them: `http`, `relay`, and one for each queue with a function."""
        functions = {
            name: resource["Properties"]
            for name, resource in load(self.name)["Resources"].items()
            if resource["Type"] == "AWS::Serverless::Function"
        }
        return {
            name.lower()
            for name, properties in functions.items()
            if name in {"Http", "Relay"}
            or any(event["Type"] == "SQS" for event in properties.get("Events", {}).values())
        }

    @property
    def published(self) -> set[str]:
        """Types of the service's own events that its code names. It never consumes its own events."""
        return {TYPES[owner, name] for owner, name in self._events if owner == self.name}

    @property
    def consumed(self) -> set[str]:
        """Types of other services' events that its code names."""
        return {TYPES[owner, name] for owner, name in self._events if owner != self.name}

    @property
    def commands(self) -> set[str]:
        """The commands that it receives: its code names their class and never creates an instance."""
        mentioned = {node.id for node in self._nodes if isinstance(node, ast.Name)} & COMMANDS
        created = {
            node.func.id for node in self._nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        return mentioned - created

    @property
    def names(self) -> set[str]:
        """Modules, classes, functions, paths and resources of the template, in small letters.

        Collections of OpenSearch do not count: the templates have them before there is code that uses them.
        """
        definitions = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        found = {node.name for node in self._nodes if isinstance(node, definitions)}
        found |= {file.stem for file in self._files} | {path for _, path in self.routes} | self.internal_routes
        resources = load(self.name)["Resources"]
        found |= {
            name for name, each in resources.items() if not each["Type"].startswith("AWS::OpenSearchServerless::")
        }
        return {name.lower() for name in found}

    @cached_property
    def _files(self) -> list[Path]:
        return sorted((ROOT / "services" / self.name).rglob("*.py"))

    @cached_property
    def _nodes(self) -> list[ast.AST]:
        return [node for file in self._files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))]

    @property
    def _strings(self) -> Iterator[str]:
        yield from (
            node.value for node in self._nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )

    @property
    def _events(self) -> set[tuple[str, str]]:
        """Service and class of every event that is imported, or mentioned by its module as `chat.TurnStarted`."""
        found: set[tuple[str, str]] = set()
        modules: dict[str, str] = {}  # a module's name in our code → the service whose events it has
        for node in self._nodes:
            if isinstance(node, ast.ImportFrom) and node.module == CATALOGUE:
                modules |= {alias.asname or alias.name: alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{CATALOGUE}."):
                found.update(((node.module or "").rpartition(".")[2], alias.name) for alias in node.names)
        mentioned = [
            node for node in self._nodes if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        ]
        found |= {(modules.get(ast.unparse(node.value), ""), node.attr) for node in mentioned}
        return found & TYPES.keys()
