"""Routes: tools and the records of their executions."""

from typing import Final

from services.agents.api.schemas import CallView, OutcomeView, ToolPage, ToolTrial, ToolView
from services.agents.trials import ToolTrials
from shared.http import Reply, Request, internal_service, route, signed_in
from shared.ids import id_pattern

_NAME: Final = {"name": "^[a-z][a-z0-9_]{0,63}$"}
_INPUT_BYTES: Final = 16 * 1024


@route("GET", "/api/agents/tools", summary="List the tools", rule=signed_in, returns={200: ToolPage})
async def list_tools(request: Request[None, None, ToolTrials]) -> Reply:
    return Reply(body=ToolPage(items=[ToolView.of(tool) for tool in request.context.tools.values()]))


@route(
    "GET", "/api/agents/tools/{name}", summary="Describe a tool", rule=signed_in, returns={200: ToolView},
    patterns=_NAME,
)  # fmt: skip
async def read_tool(request: Request[None, None, ToolTrials]) -> Reply:
    return Reply(body=ToolView.of(request.context.tool(request.path["name"])))


@route(
    "POST", "/api/agents/tools/{name}/try", summary="Execute a tool", rule=signed_in, body=ToolTrial,
    returns={200: OutcomeView}, patterns=_NAME, body_bytes=_INPUT_BYTES,
    description="As a model would. That it ran is recorded for 30 days, without input and output.",
)  # fmt: skip
async def try_tool(request: Request[ToolTrial, None, ToolTrials]) -> Reply:
    tool = request.context.tool(request.path["name"])
    outcome = await request.context.execute(request.principal, tool, request.body.parse_input(tool))
    return Reply(body=OutcomeView.of(outcome))


@route(
    "GET", "/api/agents/calls/{call_id}", summary="Read the record of an execution", rule=signed_in,
    returns={200: CallView}, patterns={"call_id": id_pattern("call")},
)  # fmt: skip
async def read_call(request: Request[None, None, ToolTrials]) -> Reply:
    return Reply(body=CallView.of(await request.context.call(request.principal, request.path["call_id"])))


@route(
    "GET", "/internal/agents/tools", summary="List the tools for another service", rule=internal_service,
    returns={200: ToolPage},
)  # fmt: skip
async def list_tools_inside(request: Request[None, None, ToolTrials]) -> Reply:
    return Reply(body=ToolPage(items=[ToolView.of(tool) for tool in request.context.tools.values()]))


TOOL_ROUTES = (list_tools, read_tool, try_tool, read_call, list_tools_inside)
