"""The content of a prompt, one class per kind of part, independent of the provider."""

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class TextPart:
    text: str


@dataclass(frozen=True, slots=True)
class ReasoningPart:
    """What the model thought. A provider accepts it back only with its `signature`, or as `redacted` (base64)."""

    text: str
    signature: str | None = None
    redacted: str | None = None


@dataclass(frozen=True, slots=True)
class ToolUsePart:
    """A tool call of the model. `id` pairs it with its result."""

    id: str
    name: str
    input: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToolResultPart:
    """The result of the tool call `id`. `output` is any JSON value."""

    id: str
    output: Any
    status: Literal["success", "error"] = "success"


PromptPart = TextPart | ReasoningPart | ToolUsePart | ToolResultPart
