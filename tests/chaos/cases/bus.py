"""The bus is away for minutes under load, and meanwhile the whole system is stopped and started."""

import asyncio
import time
from typing import Any, Final

from tests.chaos.cases.ledger import settled_audit
from tests.chaos.events_check import never_told, repeated
from tests.chaos.fault_rules import Rule, Rules
from tests.chaos.load import Load
from tests.chaos.parts import AGENTS, ANALYTICS, chats
from tests.chaos.questions import prefilled, strict
from tests.chaos.scene import Scene, scene
from tests.chaos.story import Story
from tests.chaos.tap import Heard, Tap
from tests.chaos.truth import until
from tests.trials.case import Case, Stage
from tests.trials.record import Result
from tests.trials.report import percentile, spread

_QUESTIONS: Final = (prefilled(40), strict(40))
_BEFORE_S: Final = 25.0
_NORMAL_WITHIN_S: Final = 60.0
_AFTER_S: Final = 30.0  # watched behind the minute
_DRAINED_S: Final = 120.0
_NOISE_S: Final = 0.1
_AWAY: Final = Rules([Rule("away", "PutEvents")])


async def run(stage: Stage) -> Result:
    down_s = stage.settings.bus_down_s
    parts = [*chats(2, proxied=("events",)), AGENTS, ANALYTICS]
    async with scene(stage, parts) as here, Tap(here.ground) as tap:
        await here.fault(Rules())
        stories, before, down, up = await _outage(stage, here, down_s)
        drained = await until(lambda: not here.truth.waiting_events(), _DRAINED_S)
        books, _ = await settled_audit(here)
        await asyncio.sleep(2)  # for the tap's last poll
        complaints = await here.examine(stories)
    normal = [each.took_s for each in tap.heard if before <= each.told_at < down - 1]
    again = [each.took_s for each in tap.heard if each.told_at >= up + _NORMAL_WITHIN_S]
    complaints += [f"{each.turn_id}: {each.outcome}" for each in stories if each.ended and each.outcome != "completed"]
    complaints += never_told(stories, tap.heard) + books.complaints
    if drained is None:
        complaints.append("the outbox did not drain")
    if percentile(again, 0.95) > 2 * percentile(normal, 0.95) + _NOISE_S:
        complaints.append("p95 was not back to normal within 60 s")
    figures: dict[str, Any] = {
        "turns": len(stories),
        "events": len(tap.heard),
        "told more than once": repeated(tap.heard),
        "bus down (s)": round(up - down),
        "told late, of events of the outage (s)": spread([e.took_s for e in tap.heard if down <= e.told_at < up]),
        "commit to bus before (s)": spread(normal, 3),
        "60 s after (s)": spread(again, 3),
        "caught up after (s)": _caught_up(tap.heard, up),
        "outbox drained after (s)": drained and round(drained, 1),
        "invocations = ledger rows": books.invocations,
    }
    return Result(not complaints, figures, complaints)


async def _outage(stage: Stage, here: Scene, down_s: float) -> tuple[list[Story], float, float, float]:
    """Stories, and when load began, the bus went and came."""
    before = time.time()
    stories: list[Story] = []
    async with Load(here.reader, _QUESTIONS, side_by_side=2, pause_s=0.5) as load:
        await asyncio.sleep(_BEFORE_S)
        await here.fault(_AWAY)
        down = time.time()
        stage.say("the bus is down")
        await asyncio.sleep(down_s / 2)
    stories += load.stories
    stage.say("the whole system stops", waiting=await asyncio.to_thread(here.truth.waiting_events))
    await here.ground.stop()
    await here.ground.start()
    stage.say("the whole system is back", waiting=await asyncio.to_thread(here.truth.waiting_events))
    async with Load(here.reader, _QUESTIONS, side_by_side=2, pause_s=0.5) as load:
        await asyncio.sleep(max(0.0, down + down_s - time.time()))
        waiting = await asyncio.to_thread(here.truth.waiting_events)
        await here.fault(Rules())
        up = time.time()
        stage.say("the bus is up", waiting=waiting)
        await asyncio.sleep(_NORMAL_WITHIN_S + _AFTER_S)
    return stories + load.stories, before, down, up


def _caught_up(heard: list[Heard], up: float) -> float | None:
    """Seconds after which everything of the outage had been told."""
    late = [each.heard_at for each in heard if each.told_at < up]
    return round(max(late) - up, 1) if late else None


CASE: Final = Case(
    "bus",
    "bus down 5 min under load, the whole system stopped in between: drains, nothing missing, p95 normal <= 60 s after",
    lambda settings: 60 + _BEFORE_S + settings.bus_down_s + _NORMAL_WITHIN_S + _AFTER_S,
    run,
)
