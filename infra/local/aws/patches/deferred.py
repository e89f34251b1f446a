"""Delays patches of CloudFormation until ministack loads that module, because its import takes 2 s."""

from collections.abc import Callable
from typing import Any, Final

from ministack import app

_waiting: Final[list[Callable[[], None]]] = []


def when_cloudformation_loads(patch: Callable[[], None]) -> None:
    _waiting.append(patch)
    if len(_waiting) == 1:
        _watch()


def _watch() -> None:
    get_module = app._get_module

    def get_patched_module(name: str) -> Any:
        module = get_module(name)
        if name == "cloudformation":
            while _waiting:
                _waiting.pop()()
        return module

    app._get_module = get_patched_module
