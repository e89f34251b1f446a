"""What both hosts of a consumer do with a message: work on it, count what became of it, and learn from it."""

from typing import TYPE_CHECKING

from shared.backoff import CircuitPause
from shared.clock import Clock, epoch_millis
from shared.events.consumer.messages import Message
from shared.events.consumer.outcomes import Outcome
from shared.telemetry import Tally

if TYPE_CHECKING:
    from shared.events.consumer.delivery import Delivery


class MessageProcessor:
    """`pace` is braked by a dependency that is throttled or away, and released by work that goes well."""

    def __init__(self, delivery: "Delivery", pace: CircuitPause, tally: Tally, clock: Clock) -> None:
        self._delivery = delivery
        self._pace = pace
        self._tally = tally
        self._clock = clock

    async def on(self, message: Message) -> Outcome:
        """Raises only CancelledError; then the message is given back."""
        self._receive(message)
        return self._end(await self._delivery.work(message))

    async def off(self, message: Message) -> Outcome:
        """Hold it back untried: it would most likely meet what its neighbour has met."""
        self._receive(message)
        return self._end(await self._delivery.hold_back(message))

    def _receive(self, message: Message) -> None:
        self._tally.count("MessagesReceived")
        if message.sent_at is not None:
            self._tally.highest("MessageAge", max(0, epoch_millis(self._clock.now()) - message.sent_at))

    def _end(self, outcome: Outcome) -> Outcome:
        self._tally.count(outcome.value)
        if outcome.is_trouble:
            self._pace.trouble()
        else:
            self._pace.well()
        return outcome
