"""The context of each request: the use cases and settings that chat's routes call."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from services.chat.conversations.service import ConversationService
from services.chat.domain import Turn
from services.chat.limits.concurrency import ConcurrencyLimits
from services.chat.limits.stream_leases import StreamLeases
from services.chat.settings import ChatSettings
from services.chat.stream.reader import FrameReader
from services.chat.turns.cancel import CancelTurn
from services.chat.turns.runner import TurnRunner
from services.chat.turns.start import StartTurn
from shared.catalogue import Catalogue
from shared.clock import Clock
from shared.host.invocation_deadline import InvocationDeadline
from shared.http import Request
from shared.http.wire.invocation_context import seconds_left


@dataclass(frozen=True)
class ChatContext:
    conversations: ConversationService
    start_turn: StartTurn
    concurrency: ConcurrencyLimits
    stream_leases: StreamLeases
    runner: TurnRunner
    frame_reader: FrameReader
    cancel_turn: CancelTurn
    catalogue: Catalogue
    settings: ChatSettings
    clock: Clock

    def invocation_deadline(self, http: web.Request) -> InvocationDeadline | None:
        """Return the deadline of the Lambda invocation that serves this request; None outside Lambda."""
        seconds = seconds_left(http, self.clock) if self.settings.answers_invocations else None
        if seconds is None:
            return None
        return InvocationDeadline(self.runner.finish_or_hand_over, seconds, hand_over_s=self.settings.hand_over_s)


async def caller_turn(request: Request[Any, Any, ChatContext]) -> Turn:
    """Return the turn that the path names, if it is the caller's. Raises `not-found`."""
    return await request.context.conversations.turn(request.principal, request.path["turn_id"])
