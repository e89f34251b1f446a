"""The store: the items of chat by kind, and units of work that write several of them in one transaction."""

from typing import TYPE_CHECKING, Self

from services.chat.settings import ChatSettings
from services.chat.tables.concurrency import ConcurrencyItems
from services.chat.tables.contexts import Contexts
from services.chat.tables.conversations import Conversations
from services.chat.tables.invocations import Invocations
from services.chat.tables.messages import LargeContent, Messages
from services.chat.tables.tool_rounds import ToolRounds
from services.chat.tables.turn_log import TurnLog
from services.chat.tables.turns import Turns
from shared.clock import Clock
from shared.persistence.idempotency import IdempotencyItems
from shared.persistence.unit_of_work import Notify, UnitOfWork

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient


class Store:
    """Holds one object for each kind of item. `notify` gets the events of each committed unit of work."""

    def __init__(
        self,
        dynamodb: "DynamoDBClient",
        *,
        table: str,
        turn_log_table: str,
        bodies: LargeContent,
        clock: Clock,
        notify: Notify,
    ) -> None:
        self.conversations = Conversations(dynamodb, table)
        self.messages = Messages(dynamodb, table, bodies)
        self.turns = Turns(dynamodb, table)
        self.contexts = Contexts(dynamodb, table)
        self.rounds = ToolRounds(dynamodb, table)
        self.log = TurnLog(dynamodb, turn_log_table, clock)
        self.invocations = Invocations(dynamodb, table)
        self.idempotency = IdempotencyItems(dynamodb, table, clock)
        self.concurrency = ConcurrencyItems(table)
        self._dynamodb = dynamodb
        self._table = table
        self._notify = notify

    @classmethod
    def from_settings(
        cls, dynamodb: "DynamoDBClient", settings: ChatSettings, *, bodies: LargeContent, clock: Clock, notify: Notify
    ) -> Self:
        """Create the store for the tables that the settings name."""
        return cls(
            dynamodb,
            table=settings.table,
            turn_log_table=settings.turn_log_table,
            bodies=bodies,
            clock=clock,
            notify=notify,
        )

    def begin(self) -> UnitOfWork:
        """Return a new unit of work over chat's tables."""
        return UnitOfWork(self._dynamodb, self._table, self._notify)
