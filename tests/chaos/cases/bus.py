"""The bus is away for minutes under load, and meanwhile the whole system is stopped and started."""

import asyncio
import time
from typing import Any, Final

from tests.chaos.cases.ledger import settled_audit
from tests.chaos.environment import ChaosEnvironment, chaos_environment
from tests.chaos.events_check import count_repeated, missing_events
from tests.chaos.fault_rules import Rule, Rules
from tests.chaos.inspector import wait_until
from tests.chaos.load import Load
from tests.chaos.observation import ObservedTurn
from tests.chaos.process_specs import AGENTS, ANALYTICS, chat_processes
from tests.chaos.questions import prefilled, strict
from tests.chaos.recorder import EventRecorder, RecordedEvent
from tests.trials.case import Case, CaseContext
from tests.trials.record import Result
from tests.trials.report import percentile, spread

_QUESTIONS: Final = (prefilled(40), strict(40))
_BEFORE_S: Final = 25.0
_NORMAL_WITHIN_S: Final = 60.0
_AFTER_S: Final = 30.0  # watched behind the minute
_DRAINED_S: Final = 120.0
_NOISE_S: Final = 0.1
_AWAY: Final = Rules([Rule("away", "PutEvents")])


async def run(context: CaseContext) -> Result:
    down_s = context.settings.bus_down_s
    specs = [*chat_processes(2, proxied=("events",)), AGENTS, ANALYTICS]
    async with chaos_environment(context, specs) as env, EventRecorder(env.system) as recorder:
        await env.set_fault_rules(Rules())
        observed_turns, before, down, up = await _outage(context, env, down_s)
        drained = await wait_until(lambda: not env.inspector.waiting_events(), _DRAINED_S)
        books, _ = await settled_audit(env)
        await asyncio.sleep(2)  # for the tap's last poll
        complaints = await env.examine(observed_turns)
    normal = [each.took_s for each in recorder.events if before <= each.occurred_at < down - 1]
    again = [each.took_s for each in recorder.events if each.occurred_at >= up + _NORMAL_WITHIN_S]
    complaints += [
        f"{each.turn_id}: {each.outcome}" for each in observed_turns if each.ended and each.outcome != "completed"
    ]
    complaints += missing_events(observed_turns, recorder.events) + books.complaints
    if drained is None:
        complaints.append("the outbox did not drain")
    if percentile(again, 0.95) > 2 * percentile(normal, 0.95) + _NOISE_S:
        complaints.append("p95 was not back to normal within 60 s")
    figures: dict[str, Any] = {
        "turns": len(observed_turns),
        "events": len(recorder.events),
        "told more than once": count_repeated(recorder.events),
        "bus down (s)": round(up - down),
        "told late, of events of the outage (s)": spread(
            [e.took_s for e in recorder.events if down <= e.occurred_at < up]
        ),
        "commit to bus before (s)": spread(normal, 3),
        "60 s after (s)": spread(again, 3),
        "caught up after (s)": _caught_up(recorder.events, up),
        "outbox drained after (s)": drained and round(drained, 1),
        "invocations = ledger rows": books.invocations,
    }
    return Result(not complaints, figures, complaints)


async def _outage(
    context: CaseContext, env: ChaosEnvironment, down_s: float
) -> tuple[list[ObservedTurn], float, float, float]:
    """Stories, and when load began, the bus went and came."""
    before = time.time()
    observed_turns: list[ObservedTurn] = []
    async with Load(env.reader, _QUESTIONS, side_by_side=2, pause_s=0.5) as load:
        await asyncio.sleep(_BEFORE_S)
        await env.set_fault_rules(_AWAY)
        down = time.time()
        context.say("the bus is down")
        await asyncio.sleep(down_s / 2)
    observed_turns += load.observed_turns
    context.say("the whole system stops", waiting=await asyncio.to_thread(env.inspector.waiting_events))
    await env.system.stop()
    await env.system.start()
    context.say("the whole system is back", waiting=await asyncio.to_thread(env.inspector.waiting_events))
    async with Load(env.reader, _QUESTIONS, side_by_side=2, pause_s=0.5) as load:
        await asyncio.sleep(max(0.0, down + down_s - time.time()))
        waiting = await asyncio.to_thread(env.inspector.waiting_events)
        await env.set_fault_rules(Rules())
        up = time.time()
        context.say("the bus is up", waiting=waiting)
        await asyncio.sleep(_NORMAL_WITHIN_S + _AFTER_S)
    return observed_turns + load.observed_turns, before, down, up


def _caught_up(events: list[RecordedEvent], up: float) -> float | None:
    """Seconds after which everything of the outage had been told."""
    late = [each.received_at for each in events if each.occurred_at < up]
    return round(max(late) - up, 1) if late else None


CASE: Final = Case(
    "bus",
    "bus down 5 min under load, the whole system stopped in between: drains, nothing missing, p95 normal <= 60 s after",
    lambda settings: 60 + _BEFORE_S + settings.bus_down_s + _NORMAL_WITHIN_S + _AFTER_S,
    run,
)
