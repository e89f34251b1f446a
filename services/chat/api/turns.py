"""Routes of turns: read the state, follow the stream, cancel."""

from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from services.chat.api.context import ChatContext, caller_turn
from services.chat.api.schemas import TurnView
from services.chat.api.streams import stream_turn
from shared.http import EventStream, Reply, Request, route, signed_in
from shared.ids import id_pattern
from shared.problems import FieldError, problem

_PATTERNS = {"turn_id": id_pattern("turn")}
_POSITION_DIGITS = 8


class Position(BaseModel):
    """Where in the stream to go on."""

    model_config = ConfigDict(extra="forbid")

    after: Annotated[int, Field(ge=0, lt=10**_POSITION_DIGITS, description="like Last-Event-ID")] = 0


@route(
    "GET", "/api/chat/turns/{turn_id}", summary="Read a turn's state", rule=signed_in,
    returns={200: TurnView}, patterns=_PATTERNS,
)  # fmt: skip
async def read_turn(request: Request[None, None, ChatContext]) -> Reply:
    return Reply(body=TurnView.of(await caller_turn(request)))


@route(
    "GET", "/api/chat/turns/{turn_id}/events", summary="Follow a turn", rule=signed_in, query=Position,
    description="From the start, or behind `Last-Event-ID`, in any process, while it runs and seven days after.",
    returns={200: EventStream}, patterns=_PATTERNS, problems=("stream-expired", "too-many-streams"),
)  # fmt: skip
async def follow_turn(request: Request[None, Position, ChatContext]) -> web.StreamResponse:
    after = _position(request)
    turn = await caller_turn(request)
    await request.context.frame_reader.refuse_if_expired(turn.id, ended=turn.ended)
    return await stream_turn(request, turn.id, after)


@route(
    "POST", "/api/chat/turns/{turn_id}/cancel", summary="Stop a turn",
    description="What was said stays. A turn that has ended is answered as it is.",
    rule=signed_in, returns={200: TurnView}, patterns=_PATTERNS,
)  # fmt: skip
async def cancel_turn(request: Request[None, None, ChatContext]) -> Reply:
    turn = await caller_turn(request)
    return Reply(body=TurnView.of(await request.context.cancel_turn.cancel(turn)))


def _position(request: Request[None, Position, ChatContext]) -> int:
    event_id = request.last_event_id
    if event_id is None:
        return request.query.after
    if event_id.isascii() and event_id.isdigit() and len(event_id) <= _POSITION_DIGITS:
        return int(event_id)
    detail = "Give back the id of an event of this stream."
    raise problem("invalid-request", detail, errors=[FieldError(pointer="Last-Event-ID", detail=detail)])


TURN_ROUTES = (read_turn, follow_turn, cancel_turn)
