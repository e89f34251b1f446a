"""Recorded events three times, shuffled and late, to a system that never heard them: its tables as after once in order.

Recorded on the bus of one system, told on the bus of another. That hypothesis finds no bad order either is for the
consumers' own tests.
"""

import asyncio
import json
import random
from collections.abc import Sequence
from typing import Any, Final

from infra.deploy.stack_names import PLATFORM
from tests.chaos.environment import ChaosEnvironment, chaos_environment
from tests.chaos.inspector import wait_until
from tests.chaos.load import Load
from tests.chaos.process_specs import AGENTS, ANALYTICS, ProcessSpec, chat_processes
from tests.chaos.questions import prefilled, strict, with_tools
from tests.chaos.reader import Reader
from tests.chaos.recorder import EventRecorder, RecordedEvent
from tests.trials.case import Case, CaseContext
from tests.trials.record import Result

_CONSUMERS: Final = (ANALYTICS, ProcessSpec("ingest", "ingest"), AGENTS)
_PARTS: Final = (*_CONSUMERS, ProcessSpec("bots", "bots"))
_COMPARED: Final = ("analytics", "ingest")
_TOLD_BY: Final = ("chat", "bots", "agents")
_TIMES: Final = 3
_RECORDED_S: Final = 10.0
_DRAINED_S: Final = 60.0
_BATCH: Final = 10
_HOUSEKEEPING: Final = frozenset({"ttl"})  # counts from when it was heard


async def run(context: CaseContext) -> Result:
    async with (
        chaos_environment(context, [*chat_processes(1), *_PARTS]) as env,
        EventRecorder(env.system) as recorder,
    ):
        await _live(env)
        quiet = await wait_until(lambda: not any(map(env.inspector.waiting_events, _TOLD_BY)), _DRAINED_S)
        settled = await wait_until(lambda: not _waiting(env), _DRAINED_S)
        await asyncio.sleep(3)  # for the tap's last poll
        once = await asyncio.to_thread(_dump, env)
    context.say("recorded", events=len(recorder.events), rows={name: len(rows) for name, rows in once.items()})
    async with chaos_environment(
        context, [*chat_processes(1), *_PARTS], folder=context.record.folder / "deaf"
    ) as second:
        told = await _tell(second, shuffled(recorder.events, context.rng))
        drained = await wait_until(lambda: not _waiting(second), _DRAINED_S)
        await wait_until(lambda: _dump(second) == once, _DRAINED_S / 4)
        thrice = await asyncio.to_thread(_dump, second)
    complaints = [] if None not in {quiet, settled, drained} else ["queues or outboxes did not drain"]
    for name in _COMPARED:
        complaints += differences(name, once[name], thrice[name])
    figures = {
        "events": len({each.id for each in recorder.events}),
        "types": len({each.type for each in recorder.events}),
        "told again": told,
        "rows compared": {name: len(rows) for name, rows in once.items()},
    }
    return Result(not complaints, figures, complaints)


def shuffled(events: Sequence[RecordedEvent], rng: random.Random) -> list[str]:
    """Each event three times, in any order."""
    told = [json.dumps(each.envelope) for each in {each.id: each for each in events}.values() for _ in range(_TIMES)]
    rng.shuffle(told)
    return told


def differences(table: str, once: Sequence[Any], thrice: Sequence[Any]) -> list[str]:
    missing = [row for row in once if row not in thrice]
    added = [row for row in thrice if row not in once]
    wrong = [f"{table}: {row['pk']}/{row['sk']} is missing or other" for row in missing]
    return wrong + [f"{table}: {row['pk']}/{row['sk']} should not be there or so" for row in added]


async def _live(env: ChaosEnvironment) -> None:
    """What makes events of many types: answers, tools, bots that come, change and go."""
    maker = Reader(env.session, env.system.token("maker@example.com"), [env.system.url("bots")])
    async with Load(env.reader, (prefilled(30), strict(30), with_tools(10, 10)), side_by_side=4):
        for number in range(12):
            status, bot = await maker.call_with_retry("POST", "/api/bots/bots", {"title": f"Bot {number}"})
            assert status == 201, bot
            if number % 2:
                await maker.call_with_retry("PUT", f"/api/bots/bots/{bot['id']}", {"title": f"Better {number}"})
            if number % 3 == 0:
                await maker.call_with_retry("DELETE", f"/api/bots/bots/{bot['id']}")
        await asyncio.sleep(_RECORDED_S)


async def _tell(second: ChaosEnvironment, told: list[str]) -> int:
    """Publish them; half of them late."""
    half = len(told) // 2
    await asyncio.to_thread(_publish, second, told[:half])
    await asyncio.sleep(3)
    await asyncio.to_thread(_publish, second, told[half:])
    return len(told)


def _publish(second: ChaosEnvironment, told: list[str]) -> None:
    bus, events = second.system.outputs(PLATFORM)["EventBus"], second.system.client("events")
    for start in range(0, len(told), _BATCH):
        entries = []
        for each in told[start : start + _BATCH]:
            envelope = json.loads(each)
            entries.append(
                {"EventBusName": bus, "Source": envelope["source"], "DetailType": envelope["type"], "Detail": each}
            )
        assert not events.put_events(Entries=entries)["FailedEntryCount"]


def _waiting(env: ChaosEnvironment) -> int:
    return sum(env.inspector.messages_in(env.system.outputs(spec.service)["EventsQueueUrl"]) for spec in _CONSUMERS)


def _dump(env: ChaosEnvironment) -> dict[str, list[dict[str, Any]]]:
    """The tables of those who act on events, without what is the process's own."""
    return {name: _rows(env, name) for name in _COMPARED}


def _rows(env: ChaosEnvironment, service: str) -> list[dict[str, Any]]:
    rows = env.inspector.scan(env.system.outputs(service)["Table"])
    kept = [row for row in rows if not row["pk"].startswith("OUTBOX#")]
    plain = [{name: value for name, value in row.items() if name not in _HOUSEKEEPING} for row in kept]
    return sorted(plain, key=lambda row: (row["pk"], row["sk"]))


CASE: Final = Case(
    "replay",
    "events recorded end to end x 3, shuffled, late: table dumps equal to once, in order",
    lambda _: 75,
    run,
)
