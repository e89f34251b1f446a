"""What every tool is: a description for models, the shape of its input, and what it does."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

In = TypeVar("In", bound=BaseModel)


class ToolFailedError(Exception):
    """The tool could not do it; the text is for the model or the person who asked."""


@dataclass(frozen=True, kw_only=True)
class Tool(Generic[In]):
    """`run` raises ToolFailedError; after `timeout_s` it is cancelled. `limits` tell callers what is bounded.

    `repeatable`: running it twice is the same as once, so a call whose process died is simply executed again.
    """

    name: str
    description: str
    input: type[In]
    output: type[BaseModel]
    run: Callable[[In], Awaitable[BaseModel]]
    limits: Mapping[str, int]
    timeout_s: float = 30.0
    repeatable: bool = False
