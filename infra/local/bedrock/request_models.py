"""Request bodies of Converse, ConverseStream and CountTokens: the fields that local models use.

Sizes, ranges, patterns and required members are those of the service model "bedrock-runtime" of botocore 1.43.117.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeVar

from pydantic import ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from infra.local.bedrock.content_models import CachePoint, RequestMessage, ToolName, UnionModel, WireModel
from infra.local.bedrock.errors import invalid


class SystemBlock(UnionModel):
    text: str | None = Field(default=None, min_length=1)
    guard_content: dict[str, Any] | None = None
    cache_point: CachePoint | None = None


class Inference(WireModel):
    max_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=1)
    top_p: float | None = Field(default=None, ge=0, le=1)
    stop_sequences: tuple[Annotated[str, Field(min_length=1)], ...] = Field(default=(), max_length=2500)


class ToolInputSchema(UnionModel):
    json_value: Any = Field(default=None, alias="json")


class ToolSpecification(WireModel):
    name: ToolName
    description: str | None = Field(default=None, min_length=1)
    input_schema: ToolInputSchema


class ToolEntry(UnionModel):
    tool_spec: ToolSpecification | None = None
    system_tool: dict[str, Any] | None = None
    cache_point: CachePoint | None = None


class NamedTool(WireModel):
    name: ToolName


class ToolChoice(UnionModel):
    auto: dict[str, Any] | None = None
    any: dict[str, Any] | None = None
    tool: NamedTool | None = None


class ToolConfig(WireModel):
    tools: tuple[ToolEntry, ...] = Field(min_length=1)
    tool_choice: ToolChoice | None = None

    def specifications(self) -> list[ToolSpecification]:
        return [tool.tool_spec for tool in self.tools if tool.tool_spec]

    def names(self) -> set[str]:
        return {tool.name for tool in self.specifications()}


class ServiceTier(WireModel):
    type: Literal["priority", "default", "flex", "reserved"] = "default"


class OutputConfig(WireModel):
    effort: str | None = Field(default=None, max_length=16)


class ModelInput(WireModel):
    """The part of a request that becomes input tokens, and how the model is asked to reason about it."""

    messages: tuple[RequestMessage, ...] = Field(min_length=1)
    system: tuple[SystemBlock, ...] = ()
    tool_config: ToolConfig | None = None
    additional_model_request_fields: dict[str, Any] = Field(default_factory=dict)


class ConverseRequest(ModelInput):
    inference_config: Inference = Inference()
    output_config: OutputConfig = OutputConfig()
    service_tier: ServiceTier = ServiceTier()
    request_metadata: dict[str, str] = Field(default_factory=dict, max_length=16)

    def tool_names(self) -> set[str]:
        return self.tool_config.names() if self.tool_config else set()


class ConverseTokensRequest(ModelInput):
    """Bedrock's clients refuse other members of a Converse request here, so that this server does, too."""

    model_config = ConfigDict(extra="forbid")


class CountTokensInput(UnionModel):
    converse: ConverseTokensRequest | None = None
    invoke_model: dict[str, Any] | None = None


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
        messages=counted.messages,
        system=counted.system,
        tool_config=counted.tool_config,
        additional_model_request_fields=counted.additional_model_request_fields,
    )


def _parse(kind: type[Body], body: bytes) -> Body:
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        faults = list(_independent(error.errors(include_url=False, include_input=False)))
        where = "; ".join(map(_constraint, faults))
        raise invalid(f"{len(faults)} validation error{'s' if len(faults) > 1 else ''} detected: {where}") from None


def _independent(faults: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """The faults without those that only follow from others: a list whose members are invalid counts as too short."""
    for fault in faults:
        inside = (other["loc"][: len(fault["loc"])] == fault["loc"] for other in faults if other is not fault)
        if fault["type"] != "too_short" or not any(inside):
            yield fault


def _constraint(fault: ErrorDetails) -> str:
    """The words of an AWS service for a broken constraint. Members of lists are counted from 1, as there."""
    limits = fault.get("ctx", {})
    place = ".".join(_step(step) for step in fault["loc"]) or "body"
    match fault["type"]:
        case "missing":
            words = "Member must not be null"
        case "string_pattern_mismatch":
            words = f"Member must satisfy regular expression pattern: {limits['pattern'].strip('^$')}"
        case "string_too_short" | "too_short" | "bytes_too_short":
            words = f"Member must have length greater than or equal to {limits['min_length']}"
        case "string_too_long" | "too_long":
            words = f"Member must have length less than or equal to {limits['max_length']}"
        case "greater_than_equal":
            words = f"Member must have value greater than or equal to {limits['ge']}"
        case "less_than_equal":
            words = f"Member must have value less than or equal to {limits['le']}"
        case "literal_error":
            values = limits["expected"].replace(" or ", ", ").replace("'", "")
            words = f"Member must satisfy enum value set: [{values}]"
        case _:
            return f"{place}: {fault['msg']}"
    return f"Value at '{place}' failed to satisfy constraint: {words}"


def _step(step: int | str) -> str:
    return f"{step + 1}.member" if isinstance(step, int) else str(step)
