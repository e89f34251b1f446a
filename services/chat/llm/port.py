"""What a model says and how it fails, in chat's words: the port between a turn and whoever provides the model."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from services.chat.domain import ContentBlock, TextBlock, TurnProblem, plain_text
from shared.catalogue import Model, Usage
from shared.http.problems.details import problem_details
from shared.problems import problem


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningSignature:
    signature: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The answer is whole; `reason` is the provider's word, such as `end_turn`."""

    reason: str


@dataclass(frozen=True, slots=True)
class UsageReported:
    usage: Usage


@dataclass(frozen=True, slots=True)
class ToolUse:
    """The model wants a tool called; told once its input is whole. `name` and `input` are as the model wrote them."""

    name: str
    input: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToolInputDelta:
    """The model writes what a tool shall be given, piece by piece. `index` counts an answer's tools from 0.

    The first piece of each is its name and no text yet; the others have no name.
    """

    index: int
    text: str
    name: str = ""


ModelEvent = TextDelta | ReasoningDelta | ReasoningSignature | ToolInputDelta | ToolUse | Stopped | UsageReported


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message of the prompt. Roles alternate and the first is the user's.

    The last is the user's too, unless the model shall continue an answer whose beginning it is given. Results of
    tools are the user's, in the message behind the one that asks for them.
    """

    role: str
    blocks: tuple[ContentBlock, ...]

    @classmethod
    def of_text(cls, role: str, text: str) -> Self:
        return cls(role, (TextBlock(text=text),))

    @property
    def text(self) -> str:
        return plain_text(self.blocks)


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as a model is told of it; `input_schema` is JSON Schema."""

    name: str
    description: str
    input_schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ModelRequest:
    invocation_id: str
    model: Model
    messages: Sequence[PromptMessage]
    system: str = ""
    max_output_tokens: int = 4096
    reasoning: bool = False
    tools: Sequence[ToolSpec] = ()
    parameters: dict[str, float] = field(default_factory=dict)


class ModelFailedError(Exception):
    """The model did not answer, or not to the end. `slug` is one of the registry of problems."""

    def __init__(self, slug: str, detail: str = "") -> None:
        super().__init__(slug)
        self.slug = slug
        self.detail = detail

    def problem(self, instance: str) -> TurnProblem:
        return turn_problem(self.slug, instance, self.detail)


class ModelPort(Protocol):
    def converse(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """What the model says, as it says it. Closing the generator hangs up. Raises ModelFailedError."""
        ...


def turn_problem(slug: str, instance: str, detail: str = "") -> TurnProblem:
    """The registry's problem as a turn's end keeps it."""
    found = problem(slug, detail)
    return TurnProblem.model_validate({**problem_details(found, instance), "retryable": found.kind.retryable})
