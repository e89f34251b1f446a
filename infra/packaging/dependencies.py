"""Finds what a module needs: our modules by import statements, distributions by their declared requirements.

Imports for type checkers do not count; imports inside functions do. The `__init__` of each parent package is included,
because Python runs it first.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import Distribution
from pathlib import Path

import grimp
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra.packaging.target import Target

OURS = ("services", "shared")


@cache
def _graph() -> grimp.ImportGraph:
    # No cache: grimp compares file times in seconds, so a stale cache could leave a module out of a package.
    return grimp.build_graph(*OURS, include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None)


def reachable_modules(entry: str) -> frozenset[str]:
    """The entry and every module that it imports, directly or not. Other people's modules by their top-level names."""
    graph, found, waiting = _graph(), set[str](), [entry]
    if entry not in graph.modules:
        raise LookupError(f"there is no module {entry}")
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        found.add(module)
        parent = module.rpartition(".")[0]
        waiting += [parent] if parent else []
        waiting += graph.find_modules_directly_imported_by(module) if module in graph.modules else []
    return frozenset(found)


class Installed:
    """The distributions of a folder that `uv pip install --target` filled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        found = Distribution.discover(path=[str(folder)])
        self._by_name: dict[str, Distribution] = {canonicalize_name(each.name): each for each in found}
        self._by_module: dict[str, set[str]] = {}
        for name, distribution in self._by_name.items():
            for module in _top_level(distribution):
                self._by_module.setdefault(module, set()).add(name)

    def distributions_for(
        self, modules: Iterable[str], asked: Mapping[str, frozenset[str]], target: Target
    ) -> list[Distribution]:
        """The distributions of these modules, with all their requirements. `asked`: name → extras that we need."""
        roots = {name for module in modules for name in self._by_module.get(module.partition(".")[0], ())}
        found: set[tuple[str, str]] = set()
        waiting = [(name, extra) for name in roots for extra in ("", *asked.get(name, ()))]
        while waiting:
            if (each := waiting.pop()) in found:
                continue
            found.add(each)
            waiting += self._required_by(*each, target)
        return [self._by_name[name] for name in sorted({name for name, _ in found})]

    def _required_by(self, name: str, extra: str, target: Target) -> list[tuple[str, str]]:
        required = [Requirement(text) for text in self._by_name[name].requires or ()]
        surroundings = {**target.markers(), "extra": extra}
        return [
            (canonicalize_name(each.name), wanted)
            for each in required
            if each.marker is None or each.marker.evaluate(surroundings)
            for wanted in ("", *each.extras)
        ]


def requested_extras(requirements: Iterable[str]) -> dict[str, frozenset[str]]:
    """`pyjwt[crypto]>=2.15` → `{"pyjwt": {"crypto"}}`."""
    parsed = [Requirement(text) for text in requirements]
    return {canonicalize_name(each.name): frozenset(each.extras) for each in parsed if each.extras}


def _top_level(distribution: Distribution) -> set[str]:
    names = {path.parts[0] for path in distribution.files or () if len(path.parts) > 1 or path.suffix == ".py"}
    return {name.removesuffix(".py") for name in names if not name.endswith(".dist-info") and name != ".."}
