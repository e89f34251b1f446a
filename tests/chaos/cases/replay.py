"""Recorded events three times, shuffled and late, to a house that never heard them: its tables as after once in order.

Recorded on the bus of one system, told on the bus of another. That hypothesis finds no bad order either is for the
consumers' own tests.
"""

import asyncio
import json
import random
from collections.abc import Sequence
from typing import Any, Final

from infra.deploy.house import PLATFORM
from tests.chaos.load import Load
from tests.chaos.parts import AGENTS, ANALYTICS, Part, chats
from tests.chaos.questions import prefilled, strict, with_tools
from tests.chaos.reader import Reader
from tests.chaos.scene import Scene, scene
from tests.chaos.tap import Heard, Tap
from tests.chaos.truth import until
from tests.trials.case import Case, Stage
from tests.trials.record import Result

_CONSUMERS: Final = (ANALYTICS, Part("ingest", "ingest"), AGENTS)
_PARTS: Final = (*_CONSUMERS, Part("bots", "bots"))
_COMPARED: Final = ("analytics", "ingest")
_TOLD_BY: Final = ("chat", "bots", "agents")
_TIMES: Final = 3
_RECORDED_S: Final = 10.0
_DRAINED_S: Final = 60.0
_BATCH: Final = 10
_HOUSEKEEPING: Final = frozenset({"ttl"})  # counts from when it was heard


async def run(stage: Stage) -> Result:
    async with scene(stage, [*chats(1), *_PARTS]) as here, Tap(here.ground) as tap:
        await _live(here)
        quiet = await until(lambda: not any(map(here.truth.waiting_events, _TOLD_BY)), _DRAINED_S)
        settled = await until(lambda: not _waiting(here), _DRAINED_S)
        await asyncio.sleep(3)  # for the tap's last poll
        once = await asyncio.to_thread(_dump, here)
    stage.say("recorded", events=len(tap.heard), rows={name: len(rows) for name, rows in once.items()})
    async with scene(stage, [*chats(1), *_PARTS], folder=stage.record.folder / "deaf") as deaf:
        told = await _tell(deaf, shuffled(tap.heard, stage.chance))
        heard = await until(lambda: not _waiting(deaf), _DRAINED_S)
        await until(lambda: _dump(deaf) == once, _DRAINED_S / 4)
        thrice = await asyncio.to_thread(_dump, deaf)
    complaints = [] if None not in {quiet, settled, heard} else ["queues or outboxes did not drain"]
    for name in _COMPARED:
        complaints += differences(name, once[name], thrice[name])
    figures = {
        "events": len({each.id for each in tap.heard}),
        "types": len({each.type for each in tap.heard}),
        "told again": told,
        "rows compared": {name: len(rows) for name, rows in once.items()},
    }
    return Result(not complaints, figures, complaints)


def shuffled(heard: Sequence[Heard], chance: random.Random) -> list[str]:
    """Each event three times, in any order."""
    told = [json.dumps(each.envelope) for each in {each.id: each for each in heard}.values() for _ in range(_TIMES)]
    chance.shuffle(told)
    return told


def differences(table: str, once: Sequence[Any], thrice: Sequence[Any]) -> list[str]:
    missing = [row for row in once if row not in thrice]
    added = [row for row in thrice if row not in once]
    wrong = [f"{table}: {row['pk']}/{row['sk']} is missing or other" for row in missing]
    return wrong + [f"{table}: {row['pk']}/{row['sk']} should not be there or so" for row in added]


async def _live(here: Scene) -> None:
    """What makes events of many types: answers, tools, bots that come, change and go."""
    maker = Reader(here.session, here.ground.token("maker@example.com"), [here.ground.url("bots")])
    async with Load(here.reader, (prefilled(30), strict(30), with_tools(10, 10)), side_by_side=4):
        for number in range(12):
            status, bot = await maker.insist("POST", "/api/bots/bots", {"title": f"Bot {number}"})
            assert status == 201, bot
            if number % 2:
                await maker.insist("PUT", f"/api/bots/bots/{bot['id']}", {"title": f"Better {number}"})
            if number % 3 == 0:
                await maker.insist("DELETE", f"/api/bots/bots/{bot['id']}")
        await asyncio.sleep(_RECORDED_S)


async def _tell(deaf: Scene, told: list[str]) -> int:
    """Publish them; half of them late."""
    half = len(told) // 2
    await asyncio.to_thread(_publish, deaf, told[:half])
    await asyncio.sleep(3)
    await asyncio.to_thread(_publish, deaf, told[half:])
    return len(told)


def _publish(deaf: Scene, told: list[str]) -> None:
    bus, events = deaf.ground.outputs(PLATFORM)["EventBus"], deaf.ground.client("events")
    for start in range(0, len(told), _BATCH):
        entries = []
        for each in told[start : start + _BATCH]:
            envelope = json.loads(each)
            entries.append(
                {"EventBusName": bus, "Source": envelope["source"], "DetailType": envelope["type"], "Detail": each}
            )
        assert not events.put_events(Entries=entries)["FailedEntryCount"]


def _waiting(here: Scene) -> int:
    return sum(here.truth.messages_in(here.ground.outputs(part.service)["EventsQueueUrl"]) for part in _CONSUMERS)


def _dump(here: Scene) -> dict[str, list[dict[str, Any]]]:
    """The tables of those who act on events, without what is the process's own."""
    return {name: _rows(here, name) for name in _COMPARED}


def _rows(here: Scene, service: str) -> list[dict[str, Any]]:
    rows = here.truth.scan(here.ground.outputs(service)["Table"])
    kept = [row for row in rows if not row["pk"].startswith("OUTBOX#")]
    plain = [{name: value for name, value in row.items() if name not in _HOUSEKEEPING} for row in kept]
    return sorted(plain, key=lambda row: (row["pk"], row["sk"]))


CASE: Final = Case(
    "replay",
    "events recorded end to end x 3, shuffled, late: table dumps equal to once, in order",
    lambda _: 75,
    run,
)
