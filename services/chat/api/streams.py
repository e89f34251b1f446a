"""Answers a request with a turn's stream, which holds one of the caller's stream leases while it is open."""

from collections.abc import AsyncGenerator
from typing import Any

from aiohttp import web

from services.chat.api.context import ChatContext
from services.chat.domain.stream_lease import Caller, StreamLease
from shared.http import Request, ServerEvent, stream_events


async def stream_turn(
    request: Request[Any, Any, ChatContext], turn_id: str, after: int, lease: StreamLease | None = None
) -> web.StreamResponse:
    """Stream the frames after `after` until the turn ends or the lease is lost.

    Without `lease` a stream lease is taken first. Raises `too-many-streams` when the caller has none left. On Lambda
    the stream ends early enough to hand the turn over; the client reconnects as after any interruption.
    """
    context, transport = request.context, request.http.transport
    deadline = context.invocation_deadline(request.http)
    if lease is None:
        lease = await context.concurrency.open_stream(Caller.of(request.principal))
    context.stream_leases.watch(lease, lambda: transport is not None and not transport.is_closing())
    try:
        frames = _events(context, turn_id, after, lease)
        return await stream_events(request.http, frames, seconds=deadline.seconds if deadline else None)
    finally:
        context.stream_leases.release(lease)
        if deadline:
            await deadline.finish_or_hand_over()


async def _events(
    context: ChatContext, turn_id: str, after: int, lease: StreamLease
) -> AsyncGenerator[ServerEvent, None]:
    """Yield the turn's frames as events; an event's id is the frame's position in the turn log."""
    async for frame in context.frame_reader.frames(turn_id, after):
        if lease.lost:
            return
        yield ServerEvent(frame.event, frame.data, str(frame.seq))
