"""The store is ill: throttled, answers lost after successful writes, transactions in conflict."""

import asyncio
import time
from collections import Counter
from typing import Any, Final

from tests.chaos.cases.ledger import settled_audit
from tests.chaos.fault_rules import Rule, Rules
from tests.chaos.load import Load
from tests.chaos.parts import AGENTS, ANALYTICS, chats
from tests.chaos.questions import prefilled, strict, with_tools
from tests.chaos.scene import Scene, scene
from tests.chaos.story import Story
from tests.trials.case import Case, Stage
from tests.trials.record import Result
from tests.trials.report import spread

_QUESTIONS: Final = (prefilled(80), strict(80), with_tools(20, 40))
_WRITES: Final = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems")
_LOST: Final = [Rule(fault, name, 0.05) for fault in ("lose", "cut") for name in _WRITES]
_ILL: Final[dict[str, list[Rule]]] = {
    "throttled 10 %": [Rule("throttle", "", 0.10)],
    "answers lost 10 %": _LOST,
    "conflicts 20 %": [Rule("conflict", "TransactWriteItems", 0.20)],
    "all at once": [Rule("throttle", "", 0.05), *_LOST, Rule("conflict", "TransactWriteItems", 0.10)],
}
_ILL_S: Final = 20.0
_TYPED: Final = frozenset({"model-throttled", "model-unavailable", "service-unavailable", "turn-abandoned"})


async def run(stage: Stage) -> Result:
    done = stage.record.rounds()
    async with scene(stage, [*chats(2, proxied=("dynamodb",)), AGENTS, ANALYTICS]) as here:
        await here.fault(Rules())
        words = await asyncio.gather(*(here.words(each.model, each.text) for each in _QUESTIONS if not each.more))
        expected = {each.text: said for each, said in zip(_QUESTIONS, words, strict=False)}
        for number, (name, rules) in enumerate(_ILL.items()):
            if number in done:
                continue
            found = await _suffer(here, Rules(rules, stage.settings.seed), expected) | {"ill": name}
            stage.record.keep(number, found)
            stage.say(name, turns=sum(found["outcomes"].values()), **found["outcomes"])
            for complaint in found["complaints"]:
                stage.say(f"  {complaint}")
        books, _ = await settled_audit(here)
    rounds = list(stage.record.rounds().values())
    complaints = [complaint for each in rounds for complaint in each["complaints"]] + books.complaints
    figures: dict[str, Any] = {
        each["ill"]: {name: each[name] for name in ("outcomes", "faults", "whole turn (s)", "refusals")}
        for each in rounds
    }
    return Result(not complaints, figures | {"invocations = ledger rows": books.invocations}, complaints)


async def _suffer(here: Scene, rules: Rules, expected: dict[str, str]) -> dict[str, Any]:
    await here.fault(rules)
    async with Load(here.reader, _QUESTIONS, side_by_side=5) as load:
        began = time.monotonic()
        await asyncio.sleep(_ILL_S)
        struck = await here.faults_struck()
        ill_s = time.monotonic() - began
    await here.fault(Rules())
    complaints = [*untyped(load.stories), *await here.examine(load.stories, expected)]
    refusals = sum((story.refusals for story in load.stories), Counter[str]())
    return {
        "outcomes": Counter(story.outcome for story in load.stories),
        "refusals": refusals,
        "faults": sum(count for name, count in struck.items() if name != "passed"),
        "struck": struck,
        "ill_s": ill_s,
        "whole turn (s)": spread([story.ended_at - story.began_at for story in load.stories if story.ended_at]),
        "complaints": complaints,
        "stories": [story.dump() for story in load.stories] if complaints else [],
    }


def untyped(stories: list[Story]) -> list[str]:
    """Turns that neither completed nor failed with an error that tells what is wrong."""
    return [
        f"{story.turn_id or story.key}: {story.outcome}"
        for story in stories
        if story.outcome != "completed" and story.outcome.removeprefix("failed:") not in _TYPED
    ]


CASE: Final = Case(
    "store",
    "store throttled on 10 % of calls, answers lost after successful puts, transaction conflicts: "
    "silent retry or typed error, no turn stuck, nothing twice",
    lambda _: 150,
    run,
)
