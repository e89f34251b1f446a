"""Request bodies of Converse, ConverseStream and CountTokens: the fields that local models use.

Sizes and ranges are Bedrock's.
"""

from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from infra.local.bedrock.errors import invalid


class WireModel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True)


class ToolUse(WireModel):
    tool_use_id: str = Field(min_length=1, max_length=64, pattern=r"^[a-zA-Z0-9_.:-]+$")
    name: str = Field(min_length=1, max_length=64, pattern=r"^[a-zA-Z0-9_-]+$")
    input: Any = Field(...)


class ToolResultContent(WireModel):
    model_config = ConfigDict(extra="allow")

    text: str | None = None
    json_value: Any = Field(default=None, alias="json")


class ToolResult(WireModel):
    tool_use_id: str = Field(min_length=1, max_length=64)
    content: tuple[ToolResultContent, ...]
    status: Literal["success", "error"] = "success"


class ContentBlock(WireModel):
    """A union: exactly one field is set."""

    model_config = ConfigDict(extra="forbid")

    text: str | None = None
    tool_use: ToolUse | None = None
    tool_result: ToolResult | None = None
    image: dict[str, Any] | None = None
    document: dict[str, Any] | None = None
    video: dict[str, Any] | None = None
    audio: dict[str, Any] | None = None
    guard_content: dict[str, Any] | None = None
    cache_point: dict[str, Any] | None = None
    reasoning_content: dict[str, Any] | None = None
    citations_content: dict[str, Any] | None = None
    search_result: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "ContentBlock":
        if len(self.model_fields_set) != 1:
            raise ValueError("a ContentBlock has exactly one member")
        return self


class RequestMessage(WireModel):
    role: Literal["user", "assistant"]
    content: tuple[ContentBlock, ...]

    def text(self) -> str:
        return "\n".join(block.text for block in self.content if block.text is not None)

    def tool_results(self) -> list[ToolResult]:
        return [block.tool_result for block in self.content if block.tool_result is not None]

    def tool_uses(self) -> list[ToolUse]:
        return [block.tool_use for block in self.content if block.tool_use is not None]


class SystemBlock(WireModel):
    text: str | None = Field(default=None, min_length=1)


class Inference(WireModel):
    max_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=1)
    top_p: float | None = Field(default=None, ge=0, le=1)
    stop_sequences: tuple[str, ...] = Field(default=(), max_length=2500)


class ToolSpecification(WireModel):
    name: str = Field(min_length=1, max_length=64, pattern=r"^[a-zA-Z0-9_-]+$")
    description: str | None = Field(default=None, min_length=1)
    input_schema: dict[str, Any]


class ToolEntry(WireModel):
    tool_spec: ToolSpecification | None = None


class ToolConfig(WireModel):
    tools: tuple[ToolEntry, ...] = Field(min_length=1)

    def names(self) -> set[str]:
        return {tool.tool_spec.name for tool in self.tools if tool.tool_spec}


class ModelInput(WireModel):
    """The part of a request that becomes input tokens."""

    messages: tuple[RequestMessage, ...] = Field(min_length=1)
    system: tuple[SystemBlock, ...] = ()
    tool_config: ToolConfig | None = None


class ConverseRequest(ModelInput):
    inference_config: Inference = Inference()
    request_metadata: dict[str, str] = Field(default_factory=dict, max_length=16)

    def tool_names(self) -> set[str]:
        return self.tool_config.names() if self.tool_config else set()


class ConverseTokensRequest(ModelInput):
    """Bedrock's clients refuse other members of a Converse request here, so that this server does, too."""

    model_config = ConfigDict(extra="forbid")

    additional_model_request_fields: dict[str, Any] | None = None


class CountTokensInput(WireModel):
    """A union: exactly one member."""

    model_config = ConfigDict(extra="forbid")

    converse: ConverseTokensRequest | None = None
    invoke_model: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "CountTokensInput":
        if len(self.model_fields_set) != 1:
            raise ValueError("a CountTokensInput has exactly one member")
        return self


class CountTokensRequest(WireModel):
    input: CountTokensInput


Body = TypeVar("Body", bound=WireModel)


def parse(body: bytes) -> ConverseRequest:
    """Raises a ValidationException that names the field but does not quote its value."""
    return _parse(ConverseRequest, body)


def parse_count(body: bytes) -> ConverseRequest:
    """The request of Converse whose tokens are to be counted. Raises a ValidationException as `parse` does."""
    counted = _parse(CountTokensRequest, body).input.converse
    if counted is None:
        raise invalid("This server counts tokens of Converse requests only.")
    return ConverseRequest.model_construct(
        messages=counted.messages, system=counted.system, tool_config=counted.tool_config
    )


def _parse(kind: type[Body], body: bytes) -> Body:
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        where = "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'body'}: {fault['msg']}" for fault in faults)
        count = len(faults)
        raise invalid(f"{count} validation error{'s' if count > 1 else ''} detected: {where}") from None
