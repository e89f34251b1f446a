"""Records every event on the bus, with the time of its arrival, through a queue of its own."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from infra.deploy.stack_names import PLATFORM
from tests.chaos.system import ChaosSystem

_NAME: Final = "chaos-tap"
_MOST: Final = 10


@dataclass(frozen=True)
class RecordedEvent:
    """An event as it came off the bus. Times are seconds since 1970."""

    id: str
    type: str
    subject: str
    data: dict[str, Any]
    occurred_at: float
    received_at: float
    envelope: dict[str, Any] = field(default_factory=dict)

    @property
    def took_s(self) -> float:
        return self.received_at - self.occurred_at


class EventRecorder:
    """Use as `async with EventRecorder(system) as recorder`; it also survives a bus that is down for a while."""

    def __init__(self, system: ChaosSystem) -> None:
        self.events: list[RecordedEvent] = []
        self.system = system
        self._listening: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "EventRecorder":  # noqa: PYI034 - nobody inherits from it
        url = await asyncio.to_thread(_create_queue, self.system)
        self._listening = [asyncio.create_task(self._listen(url)) for _ in range(2)]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._listening:
            task.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)

    async def _listen(self, url: str) -> None:
        while True:
            try:
                await asyncio.to_thread(self._take, url)
            except (ClientError, BotoCoreError):
                await asyncio.sleep(0.5)  # the whole system is stopped

    def _take(self, url: str) -> None:
        sqs = self.system.client("sqs")
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=_MOST, WaitTimeSeconds=2)
        now = time.time()
        for message in answer.get("Messages", []):
            self.events.append(_recorded(json.loads(message["Body"])["detail"], now))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def _recorded(told: dict[str, Any], now: float) -> RecordedEvent:
    at = datetime.fromisoformat(told["time"]).timestamp()
    return RecordedEvent(told["id"], told["type"], told["subject"], told["data"], at, now, told)


def _create_queue(system: ChaosSystem) -> str:
    sqs, events = system.client("sqs"), system.client("events")
    bus = system.outputs(PLATFORM)["EventBus"]
    url = str(sqs.create_queue(QueueName=_NAME)["QueueUrl"])
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = json.dumps({"source": [{"prefix": "colloquy."}]})
    events.put_rule(Name=_NAME, EventBusName=bus, EventPattern=pattern, State="ENABLED")
    events.put_targets(Rule=_NAME, EventBusName=bus, Targets=[{"Id": _NAME, "Arn": arn}])
    return url
