"""Routes of messages: list them, send one, have one answered again. The last two start a turn."""

from aiohttp import web

from services.chat.api.context import ChatContext
from services.chat.api.schemas import MessageView, NewAnswer, NewMessage, TurnAccepted
from services.chat.api.streams import stream_turn
from services.chat.turns.start import LATEST, TurnRequest
from shared.http import EventStream, PageQuery, PageView, Reply, Request, route, signed_in
from shared.ids import id_pattern

_PATTERNS = {"conversation_id": id_pattern("conv")}
_STARTS = {200: EventStream, 202: TurnAccepted}
_PROBLEMS = (
    "not-found", "turn-in-progress", "too-many-turns", "too-many-streams", "model-not-found", "tool-not-found",
    "model-without-tools", "tools-unavailable",
)  # fmt: skip


class MessagePage(PageView[MessageView]):
    """Messages of the whole tree, newest first."""


@route(
    "GET", "/api/chat/conversations/{conversation_id}/messages", summary="Read the message tree", rule=signed_in,
    description="A page ends at `limit` messages or at 4 MB of content, whichever comes first; it has at least one.",
    query=PageQuery, returns={200: MessagePage}, patterns=_PATTERNS,
)  # fmt: skip
async def list_messages(request: Request[None, PageQuery, ChatContext]) -> Reply:
    page = await request.context.conversations.messages(
        request.principal, request.path["conversation_id"], request.page_request
    )
    return request.page_reply(MessagePage, page)


@route(
    "POST", "/api/chat/conversations/{conversation_id}/messages", summary="Say something and have it answered",
    description="With `Accept: text/event-stream` the answer is the turn's stream, else 202 with the turn's id.",
    rule=signed_in, body=NewMessage, returns=_STARTS, patterns=_PATTERNS, problems=_PROBLEMS, idempotent=True,
)  # fmt: skip
async def send_message(request: Request[NewMessage, None, ChatContext]) -> Reply | web.StreamResponse:
    body = request.body
    return await _start(
        request,
        TurnRequest(
            principal=request.principal,
            conversation_id=request.path["conversation_id"],
            idempotency=request.idempotent_request(request.http.path),
            content=tuple(each.block() for each in body.content),
            parent_id=body.parent_id if "parent_id" in body.model_fields_set else LATEST,
            model=body.model,
            reasoning=body.reasoning,
            effort=body.effort,
            tools=tuple(dict.fromkeys(body.tools)),
        ),
    )


@route(
    "POST", "/api/chat/conversations/{conversation_id}/messages/{user_message_id}/turns",
    summary="Have a message answered, again",
    description="With `Accept: text/event-stream` the answer is the turn's stream, else 202 with the turn's id.",
    rule=signed_in, body=NewAnswer, body_optional=True, returns=_STARTS,
    patterns={**_PATTERNS, "user_message_id": id_pattern("msg")}, problems=_PROBLEMS, idempotent=True,
)  # fmt: skip
async def answer_message(request: Request[NewAnswer, None, ChatContext]) -> Reply | web.StreamResponse:
    return await _start(
        request,
        TurnRequest(
            principal=request.principal,
            conversation_id=request.path["conversation_id"],
            idempotency=request.idempotent_request(request.http.path),
            answer_to=request.path["user_message_id"],
            model=request.body.model,
            reasoning=request.body.reasoning,
            effort=request.body.effort,
            tools=tuple(dict.fromkeys(request.body.tools)),
        ),
    )


async def _start(
    request: Request[NewMessage, None, ChatContext] | Request[NewAnswer, None, ChatContext], turn_request: TurnRequest
) -> Reply | web.StreamResponse:
    context = request.context
    started = await context.start_turn.start(
        turn_request, run_here=request.wants_stream and context.runner.capacity > 0
    )
    turn = started.turn
    if started.run:
        context.runner.start(started.run)
    if request.wants_stream:
        return await stream_turn(request, turn.id, 0, started.stream_lease)
    accepted = TurnAccepted(turn_id=turn.id, message_id=turn.message_id, user_message_id=turn.user_message_id)
    return Reply(202, accepted, {"Location": f"/api/chat/turns/{turn.id}"})


MESSAGE_ROUTES = (list_messages, send_message, answer_message)
