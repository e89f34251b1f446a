"""The definition of a tool: a description for models, the models of input and output, and the function."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

In = TypeVar("In", bound=BaseModel)


class ToolFailedError(Exception):
    """The tool refuses its input; the text is for the model or the person that called it."""


@dataclass(frozen=True, kw_only=True)
class Tool(Generic[In]):
    """`run` may raise ToolFailedError; after `timeout_s` it is cancelled. `limits` are shown to callers.

    `repeatable`: running it twice has the same effect as once, so a call whose process died is executed again.
    """

    name: str
    description: str
    input: type[In]
    output: type[BaseModel]
    run: Callable[[In], Awaitable[BaseModel]]
    limits: Mapping[str, int]
    timeout_s: float = 30.0
    repeatable: bool = False
