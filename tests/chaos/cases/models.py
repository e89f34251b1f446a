"""The model is ill: throttled, reset, silent, malformed. Each fault once (then a retry helps) and for good."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from tests.chaos.cases.ledger import settled_audit
from tests.chaos.environment import ChaosEnvironment, chaos_environment
from tests.chaos.load import ask
from tests.chaos.observation import ObservedTurn
from tests.chaos.process_specs import ANALYTICS, chat_processes
from tests.chaos.questions import Question
from tests.trials.case import Case, CaseContext
from tests.trials.record import Result

TOLD_S: Final = 5.0
_FIRST_TOKEN_S: Final = 90.0  # of chat's settings
_SILENCE_S: Final = 60.0
_DEADLINE_S: Final = 200.0


@dataclass(frozen=True)
class ModelFault:
    """`outcomes` that are right. `detected_after_s`: how long chat listens before it calls a silence one."""

    name: str
    fault: str
    outcomes: tuple[str, ...]
    detected_after_s: float = 0.0

    def question(self) -> Question:
        return Question(self.name, "scripted.lorem", f"Say {self.name}. [[ttft=50 gap=20 tokens=60 {self.fault}]]", 1.3)


_HEALED: Final = ("completed",)
MODEL_FAULTS: Final = (
    ModelFault("throttled once", "fault=throttled times=1", _HEALED),
    ModelFault("reset once before a word", "fault=reset times=1", _HEALED),
    ModelFault("malformed once before a word", "fault=malformed times=1", _HEALED),
    ModelFault("unavailable twice", "fault=unavailable times=2", _HEALED),
    ModelFault("throttled", "fault=throttled", ("failed:model-throttled",)),
    ModelFault("throttled in the stream", "fault=stream-throttled after=20", ("failed:model-throttled",)),
    ModelFault("unavailable", "fault=unavailable", ("failed:model-unavailable",)),
    ModelFault("denied", "fault=denied", ("failed:model-access-denied",)),
    ModelFault("reset", "fault=reset after=20", ("failed:model-stream-broken",)),
    ModelFault("malformed", "fault=malformed after=20", ("failed:model-stream-broken",)),
    ModelFault("cut", "fault=cut after=20", ("failed:model-stream-broken",)),
    ModelFault("silent in the middle", "fault=silence after=20", ("failed:model-silent",), _SILENCE_S),
    ModelFault("silent from the start", "fault=silence", ("failed:model-silent",), _FIRST_TOKEN_S),
    ModelFault("no headers", "fault=hang", ("failed:model-silent",), _FIRST_TOKEN_S),
)


async def run(context: CaseContext) -> Result:
    async with chaos_environment(context, [*chat_processes(2), ANALYTICS]) as env:
        found = await asyncio.gather(*(_check_fault(context, env, model_fault) for model_fault in MODEL_FAULTS))
        books, _ = await settled_audit(env)
    complaints = [complaint for each in found for complaint in each["complaints"]] + books.complaints
    figures: dict[str, Any] = {
        each["illness"]: f"{each['outcome']}, told {each['told_s']:.1f} s after detection" for each in found
    }
    return Result(not complaints, figures | {"invocations = ledger rows": books.invocations}, complaints)


async def _check_fault(context: CaseContext, env: ChaosEnvironment, model_fault: ModelFault) -> dict[str, Any]:
    observed_turns: list[ObservedTurn] = []
    observed = await ask(env.reader, model_fault.question(), observed_turns, _DEADLINE_S)
    requests = await asyncio.to_thread(_requests, env, observed.turn_id)
    complaints = await env.examine(observed_turns)
    if observed.outcome not in model_fault.outcomes:
        complaints.append(f"{model_fault.name}: {observed.outcome}")
    told_s = reported_after(observed, requests, model_fault.detected_after_s)
    if told_s > TOLD_S and observed.outcome != "completed":
        complaints.append(f"{model_fault.name}: told {told_s:.1f} s after it could be seen")
    context.say(model_fault.name, outcome=observed.outcome, told_s=round(told_s, 1), requests=len(requests))
    return {"illness": model_fault.name, "outcome": observed.outcome, "told_s": told_s, "complaints": complaints}


def reported_after(observed: ObservedTurn, requests: list[dict[str, Any]], detected_after_s: float) -> float:
    """Seconds between the moment at which the fault could be seen and the turn's end.

    A silence can be seen `detected_after_s` after the last word (or the request), any other fault at the end of the
    last request.
    """
    if observed.ended_at is None or not requests:
        return 0.0
    last = requests[-1]
    if not detected_after_s:
        return observed.ended_at - max(each["ended_at"] or each["started_at"] for each in requests)
    words = [seen.at for seen in observed.seen if seen.frame.event == "message.delta"]
    return observed.ended_at - ((words[-1] if words else last["started_at"]) + detected_after_s)


def _requests(env: ChaosEnvironment, turn_id: str) -> list[dict[str, Any]]:
    answers = {each["id"] for each in env.inspector.invocations(turn_id) if each["purpose"] == "answer"}
    served = [entry for entry in env.inspector.bill() if entry["metadata"].get("invocation_id") in answers]
    return sorted(served, key=lambda entry: entry["started_at"])


CASE: Final = Case(
    "models",
    "model throttled, reset, silent, malformed: typed error <= 5 s after detection or silent retry",
    lambda _: 140,
    run,
)
