"""Request and response models of agents' HTTP API."""

from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, ValidationError, create_model

from services.agents.domain import State
from services.agents.tools import Tool
from shared.http import PageView, View
from shared.http.wire.validation import body_problem


class ToolView(BaseModel):
    name: str
    description: str
    input_schema: dict[str, JsonValue] = Field(description="JSON Schema of the input")
    output_schema: dict[str, JsonValue] = Field(description="JSON Schema of the output")
    limits: dict[str, int]

    @classmethod
    def of(cls, tool: Tool[Any]) -> "ToolView":
        return cls(
            name=tool.name,
            description=tool.description,
            input_schema=tool.input.model_json_schema(),
            output_schema=tool.output.model_json_schema(mode="serialization"),
            limits={**tool.limits, "milliseconds": round(tool.timeout_s * 1000)},
        )


class ToolPage(PageView[ToolView]):
    """All tools; there is one page."""


class ToolTrial(BaseModel):
    model_config = ConfigDict(extra="forbid")

    input: dict[str, JsonValue] = Field(description="as the tool's `input_schema` wants it")

    def parse_input(self, tool: Tool[Any]) -> Any:
        """The input as the tool's own model. Raises `invalid-request`."""
        whole = create_model(f"{tool.input.__name__}Trial", input=(tool.input, ...))
        document = {"input": self.input}
        try:
            return dict(whole.model_validate(document, strict=True))["input"]
        except ValidationError as error:
            raise body_problem(error, document) from error


class CallView(View):
    id: str
    tool: str
    state: State
    started_at: AwareDatetime
    ended_at: AwareDatetime | None
    took_ms: int | None


class OutcomeView(View):
    """A tool that could not do what was asked says why in `error`; its output is not kept."""

    call: CallView
    output: dict[str, JsonValue] | None
    error: str | None
