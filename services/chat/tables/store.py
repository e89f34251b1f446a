"""Chat's tables together, and the unit of work that writes to several of them at once, events included."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Self

from services.chat.settings import ChatSettings
from services.chat.tables.concurrency import ConcurrencyItems
from services.chat.tables.conversations import Conversations
from services.chat.tables.invocations import Invocations
from services.chat.tables.messages import LargeContent, Messages
from services.chat.tables.tool_rounds import ToolRounds
from services.chat.tables.turn_log import TurnLog
from services.chat.tables.turns import Turns
from shared.clock import Clock
from shared.events.envelope import Envelope
from shared.events.outbox import rows as outbox
from shared.persistence.idempotency import IdempotencyItems
from shared.persistence.transactions import Write, transact

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

Ring = Callable[[Sequence[Envelope]], None]
"""Tells the relay what was just committed."""


class Store:
    def __init__(
        self,
        dynamodb: "DynamoDBClient",
        *,
        table: str,
        turn_log_table: str,
        bodies: LargeContent,
        clock: Clock,
        ring: Ring,
    ) -> None:
        self.conversations = Conversations(dynamodb, table)
        self.messages = Messages(dynamodb, table, bodies)
        self.turns = Turns(dynamodb, table)
        self.rounds = ToolRounds(dynamodb, table)
        self.log = TurnLog(dynamodb, turn_log_table, clock)
        self.invocations = Invocations(dynamodb, table)
        self.idempotency = IdempotencyItems(dynamodb, table, clock)
        self.seats = ConcurrencyItems(table)
        self._dynamodb = dynamodb
        self._table = table
        self._ring = ring

    @classmethod
    def of(
        cls, dynamodb: "DynamoDBClient", settings: ChatSettings, *, bodies: LargeContent, clock: Clock, ring: Ring
    ) -> Self:
        return cls(
            dynamodb,
            table=settings.table,
            turn_log_table=settings.turn_log_table,
            bodies=bodies,
            clock=clock,
            ring=ring,
        )

    async def commit(self, writes: Sequence[Write], told: Sequence[Envelope] = ()) -> None:
        """The writes and the outbox rows of what is told, all or nothing. Raises Cancelled; positions are `writes`'."""
        rows = [outbox.write(self._table, envelope) for envelope in told]
        await transact(self._dynamodb, [*writes, *rows])
        if told:
            self._ring(told)
