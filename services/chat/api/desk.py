"""The use cases as the routes see them: what bootstrap hands to each request as its context."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from services.chat.cancelling import Cancelling
from services.chat.conversations import ConversationDesk
from services.chat.domain import Turn
from services.chat.following import Following
from services.chat.reading import Reading
from services.chat.running import Running
from services.chat.seat_keeping import SeatKeeper
from services.chat.seating import Seating
from services.chat.settings import ChatSettings
from services.chat.starting import Starting
from services.chat.staying import Stay
from shared.aws.idempotency import Once
from shared.catalogue import Catalogue
from shared.clock import Clock
from shared.http import Request, problem
from shared.http.invocations import seconds_left


@dataclass(frozen=True)
class Desk:
    conversations: ConversationDesk
    reading: Reading
    starting: Starting
    seating: Seating
    seats: SeatKeeper
    running: Running
    following: Following
    cancelling: Cancelling
    catalogue: Catalogue
    settings: ChatSettings
    clock: Clock

    def stay(self, http: web.Request) -> Stay | None:
        """Where requests are invocations of a function. A process of its own needs none."""
        seconds = seconds_left(http, self.clock) if self.settings.answers_invocations else None
        return None if seconds is None else Stay(self.running, seconds, hand_over_s=self.settings.hand_over_s)


async def turn_of(request: Request[Any, Any, Desk]) -> Turn:
    """The caller's turn that the path names. Raises `not-found`."""
    turn = await request.context.reading.turn(request.principal.subject, request.path["turn_id"])
    if turn is None:
        raise problem("not-found")
    return turn


def once(request: Request[Any, Any, Desk]) -> Once | None:
    """The request under its Idempotency-Key: the same caller at the same address with the same body; None without."""
    if request.idempotency_key is None:
        return None
    operation = f"{request.operation} {request.http.path}"
    return Once(request.principal.subject, operation, request.idempotency_key, request.body_hash)
