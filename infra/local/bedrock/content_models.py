"""The content of messages in a request: each kind of block, by Bedrock's shapes.

Source of members, patterns and ranges: the service model "bedrock-runtime" of botocore 1.43.117.
"""

from typing import Annotated, Any, Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

ToolName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-zA-Z0-9_-]+$")]
ToolUseId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-zA-Z0-9_.:-]+$")]


class WireModel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True)


class UnionModel(WireModel):
    """A union of the service model: exactly one member is set."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="after")
    def _exactly_one(self) -> "UnionModel":
        if len(self.model_fields_set) != 1:
            raise ValueError(f"a {type(self).__name__} has exactly one member")
        return self


class CachePoint(WireModel):
    """Everything before it may be cached. `ttl`: None means five minutes."""

    type: Literal["default"]
    ttl: Literal["5m", "1h"] | None = None


class MediaSource(WireModel):
    """The bytes of an image or a document, or where they are."""

    model_config = ConfigDict(extra="allow")

    data: Base64Bytes | None = Field(default=None, alias="bytes", min_length=1)


class Image(WireModel):
    format: Literal["png", "jpeg", "gif", "webp"]
    source: MediaSource


class Document(WireModel):
    name: str = Field(min_length=1, max_length=200)
    format: Literal["pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"] | None = None
    source: MediaSource


class ToolUse(WireModel):
    tool_use_id: ToolUseId
    name: ToolName
    input: Any = Field(...)


class ToolResultContent(UnionModel):
    text: str | None = None
    json_value: Any = Field(default=None, alias="json")
    image: Image | None = None
    document: Document | None = None
    video: dict[str, Any] | None = None
    search_result: dict[str, Any] | None = None


class ToolResult(WireModel):
    tool_use_id: ToolUseId
    content: tuple[ToolResultContent, ...]
    status: Literal["success", "error"] = "success"


class ReasoningText(WireModel):
    text: str
    signature: str | None = None


class Reasoning(UnionModel):
    """`redacted_content`: base64, as on the wire."""

    reasoning_text: ReasoningText | None = None
    redacted_content: str | None = None


class ContentBlock(UnionModel):
    text: str | None = None
    tool_use: ToolUse | None = None
    tool_result: ToolResult | None = None
    image: Image | None = None
    document: Document | None = None
    video: dict[str, Any] | None = None
    audio: dict[str, Any] | None = None
    guard_content: dict[str, Any] | None = None
    cache_point: CachePoint | None = None
    reasoning_content: Reasoning | None = None
    citations_content: dict[str, Any] | None = None
    search_result: dict[str, Any] | None = None


class RequestMessage(WireModel):
    role: Literal["user", "assistant"]
    content: tuple[ContentBlock, ...]

    def text(self) -> str:
        return "\n".join(block.text for block in self.content if block.text is not None)

    def tool_results(self) -> list[ToolResult]:
        return [block.tool_result for block in self.content if block.tool_result is not None]

    def tool_uses(self) -> list[ToolUse]:
        return [block.tool_use for block in self.content if block.tool_use is not None]
