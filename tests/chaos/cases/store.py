"""The store is ill: throttled, answers lost after successful writes, transactions in conflict."""

import asyncio
import time
from collections import Counter
from typing import Any, Final

from tests.chaos.cases.ledger import settled_audit
from tests.chaos.environment import ChaosEnvironment, chaos_environment
from tests.chaos.fault_rules import Rule, Rules
from tests.chaos.load import Load
from tests.chaos.observation import ObservedTurn
from tests.chaos.process_specs import AGENTS, ANALYTICS, chat_processes
from tests.chaos.questions import prefilled, strict, with_tools
from tests.trials.case import Case, CaseContext
from tests.trials.record import Result
from tests.trials.report import spread

_QUESTIONS: Final = (prefilled(80), strict(80), with_tools(20, 40))
_WRITES: Final = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems")
_LOST: Final = [Rule(fault, name, 0.05) for fault in ("lose", "cut") for name in _WRITES]
_FAULTS: Final[dict[str, list[Rule]]] = {
    "throttled 10 %": [Rule("throttle", "", 0.10)],
    "answers lost 10 %": _LOST,
    "conflicts 20 %": [Rule("conflict", "TransactWriteItems", 0.20)],
    "all at once": [Rule("throttle", "", 0.05), *_LOST, Rule("conflict", "TransactWriteItems", 0.10)],
}
_FAULTY_S: Final = 20.0
_TYPED: Final = frozenset({"model-throttled", "model-unavailable", "service-unavailable", "turn-abandoned"})


async def run(context: CaseContext) -> Result:
    done = context.record.rounds()
    async with chaos_environment(context, [*chat_processes(2, proxied=("dynamodb",)), AGENTS, ANALYTICS]) as env:
        await env.set_fault_rules(Rules())
        words = await asyncio.gather(
            *(env.undisturbed_answer(each.model, each.text) for each in _QUESTIONS if not each.more)
        )
        expected = {each.text: said for each, said in zip(_QUESTIONS, words, strict=False)}
        for number, (name, rules) in enumerate(_FAULTS.items()):
            if number in done:
                continue
            found = await _run_under_faults(env, Rules(rules, context.settings.seed), expected) | {"ill": name}
            context.record.save_round(number, found)
            context.say(name, turns=sum(found["outcomes"].values()), **found["outcomes"])
            for complaint in found["complaints"]:
                context.say(f"  {complaint}")
        books, _ = await settled_audit(env)
    rounds = list(context.record.rounds().values())
    complaints = [complaint for each in rounds for complaint in each["complaints"]] + books.complaints
    figures: dict[str, Any] = {
        each["ill"]: {name: each[name] for name in ("outcomes", "faults", "whole turn (s)", "refusals")}
        for each in rounds
    }
    return Result(not complaints, figures | {"invocations = ledger rows": books.invocations}, complaints)


async def _run_under_faults(env: ChaosEnvironment, rules: Rules, expected: dict[str, str]) -> dict[str, Any]:
    await env.set_fault_rules(rules)
    async with Load(env.reader, _QUESTIONS, side_by_side=5) as load:
        began = time.monotonic()
        await asyncio.sleep(_FAULTY_S)
        struck = await env.fault_counts()
        ill_s = time.monotonic() - began
    await env.set_fault_rules(Rules())
    complaints = [*untyped_failures(load.observed_turns), *await env.examine(load.observed_turns, expected)]
    refusals = sum((observed.refusals for observed in load.observed_turns), Counter[str]())
    return {
        "outcomes": Counter(observed.outcome for observed in load.observed_turns),
        "refusals": refusals,
        "faults": sum(count for name, count in struck.items() if name != "passed"),
        "struck": struck,
        "ill_s": ill_s,
        "whole turn (s)": spread(
            [observed.ended_at - observed.began_at for observed in load.observed_turns if observed.ended_at]
        ),
        "complaints": complaints,
        "stories": [observed.dump() for observed in load.observed_turns] if complaints else [],
    }


def untyped_failures(observed_turns: list[ObservedTurn]) -> list[str]:
    """Turns that neither completed nor failed with an error that tells what is wrong."""
    return [
        f"{observed.turn_id or observed.key}: {observed.outcome}"
        for observed in observed_turns
        if observed.outcome != "completed" and observed.outcome.removeprefix("failed:") not in _TYPED
    ]


CASE: Final = Case(
    "store",
    "store throttled on 10 % of calls, answers lost after successful puts, transaction conflicts: "
    "silent retry or typed error, no turn stuck, nothing twice",
    lambda _: 150,
    run,
)
