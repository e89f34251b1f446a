"""The port to language models: requests, the events of a streamed answer, and errors, independent of the provider."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from shared.catalogue import Model, Usage
from shared.llm.content import PromptPart, TextPart


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of text. `block`, here and below: the position of its content block in the answer."""

    text: str
    block: int = 0


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    text: str
    block: int = 0


@dataclass(frozen=True, slots=True)
class ReasoningSignature:
    """The provider's signature of a reasoning block; the block may have no text."""

    signature: str
    block: int = 0


@dataclass(frozen=True, slots=True)
class RedactedReasoning:
    """A reasoning block that the provider encrypted; `data` is base64."""

    data: str
    block: int = 0


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
    block: int = 0


@dataclass(frozen=True, slots=True)
class BrokenToolUse:
    """A tool call whose input is no JSON object: the model was cut off, or wrote something else."""

    name: str
    block: int = 0


@dataclass(frozen=True, slots=True)
class ToolInputDelta:
    """A piece of a tool call's input, as the model writes it. `index` counts the tool calls of one answer from 0.

    The first piece of a call has its name and no text; the others have text and no name.
    """

    index: int
    text: str
    name: str = ""


ModelEvent = (
    TextDelta
    | ReasoningDelta
    | ReasoningSignature
    | RedactedReasoning
    | ToolInputDelta
    | ToolUse
    | BrokenToolUse
    | Stopped
    | UsageReported
)


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message of a prompt. In a prompt the roles alternate and the first message is the user's.

    The last message is the user's, or the beginning of an answer that the model is to continue. Tool results are in
    the user's message that follows the message with their calls.
    """

    role: str
    parts: tuple[PromptPart, ...]

    @classmethod
    def of_text(cls, role: str, text: str) -> Self:
        return cls(role, (TextPart(text),))

    @property
    def text(self) -> str:
        """The text parts, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool definition as it is sent to a model; `input_schema` is JSON Schema."""

    name: str
    description: str
    input_schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the model chooses its words. None: the model's own default. A model is sent only what it knows."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop_sequences: tuple[str, ...] = ()
    reasoning_budget_tokens: int = 1024


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """A request for one answer. `invocation_id` names it in the provider's logs."""

    invocation_id: str
    model: Model
    messages: Sequence[PromptMessage]
    system: str = ""
    max_output_tokens: int = 4096
    reasoning: bool = False
    tools: Sequence[ToolSpec] = ()
    sampling: Sampling = field(default_factory=Sampling)
    effort: str | None = None  # how hard to think, such as `high`; None: as `reasoning` says
    cached: bool = False  # a later request is likely to begin as this one


class ModelFailedError(Exception):
    """The model gave no answer or no complete one. `slug` is the kind of problem in `shared.problems`."""

    def __init__(self, slug: str, detail: str = "") -> None:
        super().__init__(slug)
        self.slug = slug
        self.detail = detail


class ModelPort(Protocol):
    def converse(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Stream the answer's events. Closing the generator closes the connection. Raises ModelFailedError."""
        ...

    async def count(self, request: ModelRequest) -> int | None:
        """Return the input tokens of this request as the provider counts and bills them, cached ones included.

        None: the provider cannot count for this model, or did not answer in time; use `shared.llm.token_estimate`.
        A failure of the provider is logged and never raised. Nothing is billed.
        """
        ...
