"""Handles a message, counts its outcome, and pauses the consumer during an outage; the same in both hosts."""

from typing import TYPE_CHECKING

from shared.backoff import CircuitPause
from shared.clock import Clock, epoch_millis
from shared.events.consumer.messages import QueueMessage
from shared.events.consumer.outcomes import MessageOutcome
from shared.telemetry import Tally

if TYPE_CHECKING:
    from shared.events.consumer.delivery import Delivery


class MessageProcessor:
    """`circuit` is opened by an outage of a dependency and closed by messages that do not meet one."""

    def __init__(self, delivery: "Delivery", circuit: CircuitPause, tally: Tally, clock: Clock) -> None:
        self._delivery = delivery
        self._circuit = circuit
        self._tally = tally
        self._clock = clock

    async def process(self, message: QueueMessage) -> MessageOutcome:
        """Handle the message. Raises only CancelledError; then the message returns to the queue."""
        self._count_received(message)
        return self._count_outcome(await self._delivery.handle(message))

    async def hold_back(self, message: QueueMessage) -> MessageOutcome:
        """Let the message be delivered later, without trying it: it would most likely meet the same outage."""
        self._count_received(message)
        return self._count_outcome(await self._delivery.hold_back(message))

    def _count_received(self, message: QueueMessage) -> None:
        self._tally.count("MessagesReceived")
        if message.sent_at is not None:
            self._tally.record_max("MessageAge", max(0, epoch_millis(self._clock.now()) - message.sent_at))

    def _count_outcome(self, outcome: MessageOutcome) -> MessageOutcome:
        self._tally.count(outcome.value)
        if outcome.is_outage:
            self._circuit.record_failure()
        else:
            self._circuit.record_success()
        return outcome
