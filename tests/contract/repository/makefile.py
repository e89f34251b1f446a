"""Parse the Makefile and find the code that each target runs.

A target reaches a module by its recipe, by imports, and by the strings with which our code starts other programs:
`"-m", "infra.local.up"`, `"make", "up"`, `"tests/lambdas"`.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from infra.local.suites.table import SUITES, Suite, suite

ROOT: Final = Path(__file__).parents[3]
CODE: Final = ("services", "shared", "infra", "tests")
_SUITES: Final = ROOT / "infra/local/suites/table.py"  # a recipe says which of these suites it runs
_RULE: Final = re.compile(
    r"^(?P<names>[a-z][a-z0-9 -]*):(?P<needs>[^=#\n]*)(?:#.*)?\n(?P<recipe>(?:\t.*\n)*)", re.MULTILINE
)


@dataclass(frozen=True)
class Target:
    """One target of the Makefile, with the targets that make runs before its recipe."""

    name: str
    needs: tuple[str, ...]
    recipe: str

    @property
    def runs_our_python(self) -> bool:
        return "$(PY)" in self.recipe

    @property
    def suites(self) -> tuple[Suite, ...]:
        """The suites that the recipe runs: one by its name, or all."""
        found = re.search(r"-m infra\.local\.suites(?: (\S+))?", self.recipe)
        if not found:
            return ()
        name = found[1]
        return (suite(self.name if name == "$@" else name),) if name else SUITES

    @property
    def runs_npm(self) -> bool:
        commands = [command for each in self.suites for command in each.commands]
        return "npm " in self.recipe or any(command[0] == "npm" for command in commands)

    @property
    def files(self) -> frozenset[Path]:
        """Every Python file that the target may run."""
        if self.suites:
            words = [word for each in self.suites for command in each.commands for word in command]
            return _closure({file for word in words for file in _tests_below(word)})
        modules = re.findall(r"-m ([\w.]+)", self.recipe)
        return _closure({file for name in modules for file in _program(name)})


def targets(makefile: str) -> dict[str, Target]:
    found = re.finditer(_RULE, makefile.replace("\\\n", " "))
    return {
        name: Target(name, tuple(rule["needs"].split()), rule["recipe"])
        for rule in found
        for name in rule["names"].split()
    }


@cache
def opens_web_client(file: Path) -> bool:
    """Whether the file drives a browser, or reads the built web client at `… / "frontend" / "dist"`.

    The settings of the local gateway name that folder too. They do not count: the gateway also serves APIs without it.
    """
    if file == ROOT / "infra/local/gateway/settings.py":
        return False
    return any(_is_browser(node) or _is_built_client(node) for node in ast.walk(_tree(file)))


@cache
def make_commands(file: Path) -> frozenset[str]:
    """The targets that a file starts by `["make", …]`."""
    return frozenset(_make_commands(_tree(file)))


def _make_commands(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.List):
            words = [each.value for each in node.elts if isinstance(each, ast.Constant)]
            if words[:1] == ["make"]:
                yield from [str(word) for word in words[1:] if not str(word).startswith("-")][:1]


def _is_browser(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and (node.module or "").startswith("playwright")


def _is_built_client(node: ast.AST) -> bool:
    if not isinstance(node, ast.BinOp):
        return False
    return {"frontend", "dist"} <= {each.value for each in ast.walk(node) if isinstance(each, ast.Constant)}


def _closure(start: set[Path]) -> frozenset[Path]:
    reached, left = set(start), list(start)
    while left:
        new = _next(left.pop()) - reached
        reached |= new
        left += new
    return frozenset(reached)


@cache
def _next(file: Path) -> frozenset[Path]:
    found: set[Path] = set(_conftests(file))
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.Import):
            found.update(each for alias in node.names for each in _module(alias.name))
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            found.update(each for name in names for each in _module(name))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and file != _SUITES:
            found.update(_program(node.value), _tests_below(node.value))
    return frozenset(found)


def _module(name: str) -> Iterator[Path]:
    """The file of a module of this repository, and of its parent packages, which Python imports first."""
    if name.split(".", maxsplit=1)[0] not in CODE:
        return
    path = ROOT.joinpath(*name.split("."))
    packages = [each / "__init__.py" for each in (path, *path.parents) if each.is_relative_to(ROOT) and each != ROOT]
    yield from (each for each in (path.with_suffix(".py"), *packages) if each.is_file())


def _program(name: str) -> Iterator[Path]:
    """What `python -m name` runs, if it is ours."""
    if re.fullmatch(r"\w+(\.\w+)+", name):
        yield from _module(name)
        yield from _module(f"{name}.__main__")


def _tests_below(name: str) -> Iterator[Path]:
    if re.fullmatch(r"tests(/\w+)+", name) and (ROOT / name).is_dir():
        yield from (ROOT / name).rglob("*.py")


def _conftests(file: Path) -> Iterator[Path]:
    if file.name.startswith("test_"):
        yield from (each / "conftest.py" for each in file.parents if (each / "conftest.py").is_file())


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))
