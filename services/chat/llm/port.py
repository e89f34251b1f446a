"""The port to language models: requests, the events of a streamed answer, and errors, independent of the provider."""

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
    """The answer is complete. `reason` is the provider's stop reason, such as `end_turn`."""

    reason: str


@dataclass(frozen=True, slots=True)
class UsageReported:
    usage: Usage


@dataclass(frozen=True, slots=True)
class ToolUse:
    """The model requests a tool call; its input is complete. `name` and `input` are as the model wrote them."""

    name: str
    input: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToolInputDelta:
    """A piece of a tool call's input, as the model writes it. `index` counts the tool calls of one answer from 0.

    The first piece of a call has its name and no text; the others have text and no name.
    """

    index: int
    text: str
    name: str = ""


ModelEvent = TextDelta | ReasoningDelta | ReasoningSignature | ToolInputDelta | ToolUse | Stopped | UsageReported


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message of a prompt. In a prompt the roles alternate and the first message is the user's.

    The last message is the user's, or the beginning of an answer that the model is to continue. Tool results are in
    the user's message that follows the message with their calls.
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
    """A tool definition as it is sent to a model; `input_schema` is JSON Schema."""

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
    """The model gave no answer or no complete one. `slug` is the kind of problem in `shared.problems`."""

    def __init__(self, slug: str, detail: str = "") -> None:
        super().__init__(slug)
        self.slug = slug
        self.detail = detail

    def problem(self, instance: str) -> TurnProblem:
        return turn_problem(self.slug, instance, self.detail)


class ModelPort(Protocol):
    def converse(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Stream the answer's events. Closing the generator closes the connection. Raises ModelFailedError."""
        ...


def turn_problem(slug: str, instance: str, detail: str = "") -> TurnProblem:
    """Build the problem `slug` in the form in which a failed turn is stored."""
    failure = problem(slug, detail)
    return TurnProblem.model_validate({**problem_details(failure, instance), "retryable": failure.kind.retryable})
