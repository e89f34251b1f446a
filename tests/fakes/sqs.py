"""SQS in memory: visibility, delays, receive counts and dead letters."""

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.clock import Clock, epoch_millis
from tests.fakes.faults import Faults, aws_error

MAX_DELAY_S = 900
MAX_VISIBILITY_S = 43_200
_LONG_POLL_S = 0.005  # real seconds, so that a test does not wait 20


@dataclass
class _StoredMessage:
    id: str
    body: str
    attributes: Mapping[str, Mapping[str, str]]
    visible_at: float
    sent_at: int
    receipt: str = ""
    receive_count: int = 0


@dataclass
class _Queue:
    messages: list[_StoredMessage] = field(default_factory=list)
    arrival: asyncio.Event = field(default_factory=asyncio.Event)
    dead_letter_url: str = ""
    max_receive_count: int = 0


class FakeSqs(Faults):
    """A queue is created when it is first used; `redrive` gives it a dead-letter queue."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._queues: dict[str, _Queue] = {}
        self._numbers = itertools.count(1)
        self.visibility_changes: list[int] = []
        self.receives: list[Mapping[str, Any]] = []

    def queue(self, url: str) -> _Queue:
        return self._queues.setdefault(url, _Queue())

    def redrive(self, url: str, dead_letter_url: str, max_receive_count: int) -> None:
        self.queue(url).dead_letter_url = dead_letter_url
        self.queue(url).max_receive_count = max_receive_count

    def bodies(self, url: str) -> list[str]:
        """Bodies of all messages: visible, hidden and delayed ones."""
        return [message.body for message in self.queue(url).messages]

    def attributes(self, url: str) -> list[dict[str, str]]:
        return [
            {name: value["StringValue"] for name, value in message.attributes.items()}
            for message in self.queue(url).messages
        ]

    def visible_in(self, url: str) -> list[float]:
        """Seconds until each message is visible."""
        return [max(0.0, message.visible_at - self._clock.monotonic()) for message in self.queue(url).messages]

    async def send_message(
        self,
        *,
        QueueUrl: str,  # noqa: N803 - the wire's names, here and below
        MessageBody: str,  # noqa: N803
        DelaySeconds: int = 0,  # noqa: N803
        MessageAttributes: Mapping[str, Mapping[str, str]] | None = None,  # noqa: N803
    ) -> dict[str, str]:
        self._called("send_message")
        if not 0 <= DelaySeconds <= MAX_DELAY_S or not isinstance(DelaySeconds, int):
            raise aws_error("InvalidParameterValue", "SendMessage")
        queue = self.queue(QueueUrl)
        message_id = f"message-{next(self._numbers)}"
        visible_at = self._clock.monotonic() + DelaySeconds
        sent_at = epoch_millis(self._clock.now())
        queue.messages.append(_StoredMessage(message_id, MessageBody, MessageAttributes or {}, visible_at, sent_at))
        queue.arrival.set()
        return {"MessageId": message_id}

    async def receive_message(
        self,
        *,
        QueueUrl: str,  # noqa: N803
        MaxNumberOfMessages: int = 1,  # noqa: N803
        WaitTimeSeconds: int = 0,  # noqa: N803
        VisibilityTimeout: int = 30,  # noqa: N803
        MessageSystemAttributeNames: Sequence[str] = (),  # noqa: N803
        MessageAttributeNames: Sequence[str] = (),  # noqa: N803
    ) -> dict[str, Any]:
        self._called("receive_message")
        self.receives.append({"wait": WaitTimeSeconds, "at_most": MaxNumberOfMessages})
        queue = self.queue(QueueUrl)
        received = self._receive(queue, MaxNumberOfMessages, VisibilityTimeout)
        if not received and WaitTimeSeconds:
            queue.arrival.clear()
            try:
                await asyncio.wait_for(queue.arrival.wait(), _LONG_POLL_S)
            except TimeoutError:
                return {}
            received = self._receive(queue, MaxNumberOfMessages, VisibilityTimeout)
        return {
            "Messages": [self._response_of(m, MessageSystemAttributeNames, MessageAttributeNames) for m in received]
        }

    async def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:  # noqa: N803
        self._called("delete_message")
        queue = self.queue(QueueUrl)
        queue.messages = [message for message in queue.messages if message.receipt != ReceiptHandle]

    async def change_message_visibility(
        self,
        *,
        QueueUrl: str,  # noqa: N803
        ReceiptHandle: str,  # noqa: N803
        VisibilityTimeout: int,  # noqa: N803
    ) -> None:
        self._called("change_message_visibility")
        if not 0 <= VisibilityTimeout <= MAX_VISIBILITY_S or not isinstance(VisibilityTimeout, int):
            raise aws_error("InvalidParameterValue", "ChangeMessageVisibility")
        self.visibility_changes.append(VisibilityTimeout)
        for message in self.queue(QueueUrl).messages:
            if message.receipt == ReceiptHandle:
                message.visible_at = self._clock.monotonic() + VisibilityTimeout
                self.queue(QueueUrl).arrival.set()
                return
        raise aws_error("ReceiptHandleIsInvalid", "ChangeMessageVisibility")

    def _receive(self, queue: _Queue, at_most: int, visibility_s: int) -> list[_StoredMessage]:
        now = self._clock.monotonic()
        received: list[_StoredMessage] = []
        for message in [each for each in queue.messages if each.visible_at <= now]:
            if len(received) == at_most:
                break
            if queue.max_receive_count and message.receive_count >= queue.max_receive_count:
                queue.messages.remove(message)
                self.queue(queue.dead_letter_url).messages.append(message)
                continue
            message.receive_count += 1
            message.receipt = f"receipt-{next(self._numbers)}"
            message.visible_at = now + visibility_s
            received.append(message)
        return received

    @staticmethod
    def _response_of(message: _StoredMessage, system: Sequence[str], named: Sequence[str]) -> dict[str, Any]:
        known = {"ApproximateReceiveCount": str(message.receive_count), "SentTimestamp": str(message.sent_at)}
        requested = {name: value for name, value in known.items() if name in system}
        return {
            "MessageId": message.id,
            "Body": message.body,
            "ReceiptHandle": message.receipt,
            **({"Attributes": requested} if requested else {}),
            **({"MessageAttributes": message.attributes} if "All" in named and message.attributes else {}),
        }
