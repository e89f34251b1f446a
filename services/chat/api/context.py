"""The use cases as the routes see them: what bootstrap hands to each request as its context."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from services.chat.conversations.queries import ConversationQueries
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
    queries: ConversationQueries
    start_turn: StartTurn
    concurrency: ConcurrencyLimits
    stream_leases: StreamLeases
    runner: TurnRunner
    reader: FrameReader
    cancel_turn: CancelTurn
    catalogue: Catalogue
    settings: ChatSettings
    clock: Clock

    def stay(self, http: web.Request) -> InvocationDeadline | None:
        """Where requests are invocations of a function. A process of its own needs none."""
        seconds = seconds_left(http, self.clock) if self.settings.answers_invocations else None
        return (
            None
            if seconds is None
            else InvocationDeadline(self.runner.finish_or_hand_over, seconds, hand_over_s=self.settings.hand_over_s)
        )


async def turn_of(request: Request[Any, Any, ChatContext]) -> Turn:
    """The caller's turn that the path names. Raises `not-found`."""
    return await request.context.queries.turn(request.principal, request.path["turn_id"])
