"""A queue of our own on the bus: every event that was published, with the time when it came."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from infra.deploy.house import PLATFORM
from tests.chaos.ground import Ground

_NAME: Final = "chaos-tap"
_MOST: Final = 10


@dataclass(frozen=True)
class Heard:
    """An event as it came off the bus. Times are seconds since 1970."""

    id: str
    type: str
    subject: str
    data: dict[str, Any]
    told_at: float
    heard_at: float
    envelope: dict[str, Any] = field(default_factory=dict)

    @property
    def took_s(self) -> float:
        return self.heard_at - self.told_at


class Tap:
    """Use as `async with Tap(ground) as tap`: listens meanwhile, also to a bus that is down for a while."""

    def __init__(self, ground: Ground) -> None:
        self.heard: list[Heard] = []
        self._ground = ground
        self._listening: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Tap":  # noqa: PYI034 - nobody inherits from it
        url = await asyncio.to_thread(_laid, self._ground)
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
        sqs = self._ground.client("sqs")
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=_MOST, WaitTimeSeconds=2)
        now = time.time()
        for message in answer.get("Messages", []):
            self.heard.append(_heard(json.loads(message["Body"])["detail"], now))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def _heard(told: dict[str, Any], now: float) -> Heard:
    at = datetime.fromisoformat(told["time"]).timestamp()
    return Heard(told["id"], told["type"], told["subject"], told["data"], at, now, told)


def _laid(ground: Ground) -> str:
    sqs, events = ground.client("sqs"), ground.client("events")
    bus = ground.outputs(PLATFORM)["EventBus"]
    url = str(sqs.create_queue(QueueName=_NAME)["QueueUrl"])
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = json.dumps({"source": [{"prefix": "colloquy."}]})
    events.put_rule(Name=_NAME, EventBusName=bus, EventPattern=pattern, State="ENABLED")
    events.put_targets(Rule=_NAME, EventBusName=bus, Targets=[{"Id": _NAME, "Arn": arn}])
    return url
