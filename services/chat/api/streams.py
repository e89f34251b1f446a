"""A turn's stream as an HTTP answer, on a seat of the caller's."""

from collections.abc import AsyncGenerator
from typing import Any

from aiohttp import web

from services.chat.api.context import ChatContext
from services.chat.domain.stream_lease import Caller, StreamLease
from shared.http import Request, ServerEvent, stream_events


async def stream_turn(
    request: Request[Any, Any, ChatContext], turn_id: str, after: int, seat: StreamLease | None = None
) -> web.StreamResponse:
    """The turn behind `after`, until it ends or the seat is lost. Raises `too-many-streams` when there is no seat.

    In a function it ends in time for the turn to be handed over, and the client comes again as after any break.
    """
    desk, transport = request.context, request.http.transport
    stay = desk.stay(request.http)
    if seat is None:
        seat = await desk.concurrency.open_stream(Caller.of(request.principal))
    desk.stream_leases.watch(seat, lambda: transport is not None and not transport.is_closing())
    try:
        frames = _events(desk, turn_id, after, seat)
        return await stream_events(request.http, frames, seconds=stay.seconds if stay else None)
    finally:
        desk.stream_leases.release(seat)
        if stay:
            await stay.finish_or_hand_over()


async def _events(desk: ChatContext, turn_id: str, after: int, seat: StreamLease) -> AsyncGenerator[ServerEvent, None]:
    """The turn's frames as events whose ids are positions in its log."""
    async for frame in desk.reader.frames(turn_id, after):
        if seat.lost:
            return
        yield ServerEvent(frame.event, frame.data, str(frame.seq))
