"""Messages to whoever runs turns: the queue *turns*, one thing to look at each.

They are sent before the transaction that makes them meaningful, so that no crash can come between: who is summoned to
a turn that does not exist looks again for a minute, then lets it be.
"""

from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict

from shared.clock import Clock, epoch_millis

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient

UNKNOWN_FOR_S: Final = 60
"""How long a summons may wait for its transaction."""


class SummonedToTurn(BaseModel):
    """Run this turn, or see whether it still runs. `since`: epoch ms of the first send."""

    model_config = ConfigDict(extra="forbid")

    turn_id: str
    since: int


class SummonedToErase(BaseModel):
    """Erase this conversation once its turns have ended."""

    model_config = ConfigDict(extra="forbid")

    conversation_id: str
    owner_id: str
    since: int


class Summons:
    def __init__(self, sqs: "SQSClient", queue_url: str, clock: Clock, *, lease_s: float) -> None:
        self._sqs = sqs
        self._queue_url = queue_url
        self._clock = clock
        self._lease_s = lease_s

    async def run(self, turn_id: str) -> None:
        """Somebody shall run the turn now."""
        await self._send(SummonedToTurn(turn_id=turn_id, since=self._now()), 0)

    async def watch(self, turn_id: str) -> None:
        """Somebody shall see, when the lease may have run out, whether the turn is still being run."""
        await self._send(SummonedToTurn(turn_id=turn_id, since=self._now()), round(self._lease_s) + 1)

    async def erase(self, owner_id: str, conversation_id: str) -> None:
        told = SummonedToErase(conversation_id=conversation_id, owner_id=owner_id, since=self._now())
        await self._send(told, 0)

    async def _send(self, told: BaseModel, delay_s: int) -> None:
        await self._sqs.send_message(QueueUrl=self._queue_url, MessageBody=told.model_dump_json(), DelaySeconds=delay_s)

    def _now(self) -> int:
        return epoch_millis(self._clock.now())
