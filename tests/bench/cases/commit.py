"""Time from the commit of an event in one process to its consumer in another, with the long polls of production."""

import asyncio
import json
import os
import time
from datetime import datetime
from pathlib import Path
from typing import Final
from unittest.mock import patch

from shared.aws import Aws
from shared.events.consumer.messages import QueueMessage
from shared.events.consumer.poller import Poller
from tests.bench.aims import Aim, evaluate
from tests.bench.settings import BenchSettings
from tests.bench.system import fresh
from tests.clients import Person
from tests.polling import until_true
from tests.ports import free_port
from tests.stack import DeployedAws, running_stack
from tests.system import running_system
from tests.trials.case import Case, CaseContext
from tests.trials.record import Result
from tests.trials.report import percentile, spread

AIM_P50_MS: Final = 30.0
AIM_P95_MS: Final = 150.0
_EVENT: Final = "chat.conversation.created"
_WARM_UP: Final = 10
_DEADLINE_S: Final = 10.0
_INTERVAL_S: Final = 0.025
"""Pause between two events: without it, a fast machine would exceed the rate limit of one caller."""


class _AgeRecorder:
    """Consumes the queue of analytics and records the age of each event."""

    def __init__(self) -> None:
        self.ages_ms: list[float] = []

    async def handle(self, message: QueueMessage) -> None:
        envelope = json.loads(message.body)["detail"]
        if envelope["type"] == _EVENT:
            self.ages_ms.append((time.time() - datetime.fromisoformat(envelope["time"]).timestamp()) * 1000)


async def run(context: CaseContext[BenchSettings]) -> Result:
    return await asyncio.to_thread(_measure, context)


def _measure(context: CaseContext[BenchSettings]) -> Result:
    folder: Path = context.record.folder
    with running_stack(fresh(folder), free_port()) as stack, running_system(stack, folder / "system") as built:
        person = Person(built.start("chat").url, built.token("admin@example.com"))
        with patch.dict(os.environ, stack.aws.environment):
            ages = asyncio.run(_event_ages(stack, person, context.settings.events + _WARM_UP))
    return judge(ages[_WARM_UP:])


async def _event_ages(stack: DeployedAws, person: Person, events: int) -> list[float]:
    """Ages of events when they are consumed; they are committed one after the other."""
    recorder, stop, outputs = _AgeRecorder(), asyncio.Event(), stack.outputs("analytics")
    async with Aws.open() as aws, asyncio.TaskGroup() as group:
        poller = Poller(
            await aws.sqs(), outputs["EventsQueueUrl"], outputs["EventsDeadLetterQueueUrl"], recorder.handle
        )
        group.create_task(poller.run(stop))
        for number in range(events):
            await asyncio.to_thread(person.open_conversation, title="Bench")
            await until_true(lambda number=number: len(recorder.ages_ms) > number, _DEADLINE_S)
            await asyncio.sleep(_INTERVAL_S)
        stop.set()
    return recorder.ages_ms


def judge(ages_ms: list[float]) -> Result:
    aims = [
        Aim("commit to consumer p50", percentile(ages_ms, 0.5), AIM_P50_MS),
        Aim("commit to consumer p95", percentile(ages_ms, 0.95), AIM_P95_MS),
    ]
    return evaluate(aims, {"events": len(ages_ms), "all (ms)": spread(ages_ms, 1)}, [])


CASE: Final = Case(
    "commit",
    f"commit -> consumer, local host: <= {AIM_P50_MS:g} / {AIM_P95_MS:g} ms p50 / p95",
    lambda settings: 20 + settings.events * 0.1,
    run,
)
