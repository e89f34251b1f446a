"""The model is ill: throttled, reset, silent, malformed. Each fault once (then a retry helps) and for good."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from tests.chaos.cases.ledger import settled_audit
from tests.chaos.load import ask
from tests.chaos.parts import ANALYTICS, chats
from tests.chaos.questions import Question
from tests.chaos.scene import Scene, scene
from tests.chaos.story import Story
from tests.trials.case import Case, Stage
from tests.trials.record import Result

TOLD_S: Final = 5.0
_FIRST_TOKEN_S: Final = 90.0  # of chat's settings
_SILENCE_S: Final = 60.0
_DEADLINE_S: Final = 200.0


@dataclass(frozen=True)
class Illness:
    """`outcomes` that are right. `detected_after_s`: how long chat listens before it calls a silence one."""

    name: str
    fault: str
    outcomes: tuple[str, ...]
    detected_after_s: float = 0.0

    def question(self) -> Question:
        return Question(self.name, "scripted.lorem", f"Say {self.name}. [[ttft=50 gap=20 tokens=60 {self.fault}]]", 1.3)


_HEALED: Final = ("completed",)
ILLNESSES: Final = (
    Illness("throttled once", "fault=throttled times=1", _HEALED),
    Illness("reset once before a word", "fault=reset times=1", _HEALED),
    Illness("malformed once before a word", "fault=malformed times=1", _HEALED),
    Illness("unavailable twice", "fault=unavailable times=2", _HEALED),
    Illness("throttled", "fault=throttled", ("failed:model-throttled",)),
    Illness("throttled in the stream", "fault=stream-throttled after=20", ("failed:model-throttled",)),
    Illness("unavailable", "fault=unavailable", ("failed:model-unavailable",)),
    Illness("denied", "fault=denied", ("failed:model-access-denied",)),
    Illness("reset", "fault=reset after=20", ("failed:model-stream-broken",)),
    Illness("malformed", "fault=malformed after=20", ("failed:model-stream-broken",)),
    Illness("cut", "fault=cut after=20", ("failed:model-stream-broken",)),
    Illness("silent in the middle", "fault=silence after=20", ("failed:model-silent",), _SILENCE_S),
    Illness("silent from the start", "fault=silence", ("failed:model-silent",), _FIRST_TOKEN_S),
    Illness("no headers", "fault=hang", ("failed:model-silent",), _FIRST_TOKEN_S),
)


async def run(stage: Stage) -> Result:
    async with scene(stage, [*chats(2), ANALYTICS]) as here:
        found = await asyncio.gather(*(_catch(stage, here, illness) for illness in ILLNESSES))
        books, _ = await settled_audit(here)
    complaints = [complaint for each in found for complaint in each["complaints"]] + books.complaints
    figures: dict[str, Any] = {
        each["illness"]: f"{each['outcome']}, told {each['told_s']:.1f} s after detection" for each in found
    }
    return Result(not complaints, figures | {"invocations = ledger rows": books.invocations}, complaints)


async def _catch(stage: Stage, here: Scene, illness: Illness) -> dict[str, Any]:
    stories: list[Story] = []
    story = await ask(here.reader, illness.question(), stories, _DEADLINE_S)
    requests = await asyncio.to_thread(_requests, here, story.turn_id)
    complaints = await here.examine(stories)
    if story.outcome not in illness.outcomes:
        complaints.append(f"{illness.name}: {story.outcome}")
    told_s = told_after(story, requests, illness.detected_after_s)
    if told_s > TOLD_S and story.outcome != "completed":
        complaints.append(f"{illness.name}: told {told_s:.1f} s after it could be seen")
    stage.say(illness.name, outcome=story.outcome, told_s=round(told_s, 1), requests=len(requests))
    return {"illness": illness.name, "outcome": story.outcome, "told_s": told_s, "complaints": complaints}


def told_after(story: Story, requests: list[dict[str, Any]], detected_after_s: float) -> float:
    """Seconds between the moment at which the fault could be seen and the turn's end.

    A silence can be seen `detected_after_s` after the last word (or the request), any other fault at the end of the
    last request.
    """
    if story.ended_at is None or not requests:
        return 0.0
    last = requests[-1]
    if not detected_after_s:
        return story.ended_at - max(each["ended_at"] or each["started_at"] for each in requests)
    words = [seen.at for seen in story.seen if seen.frame.event == "message.delta"]
    return story.ended_at - ((words[-1] if words else last["started_at"]) + detected_after_s)


def _requests(here: Scene, turn_id: str) -> list[dict[str, Any]]:
    answers = {each["id"] for each in here.truth.invocations(turn_id) if each["purpose"] == "answer"}
    served = [entry for entry in here.truth.bill() if entry["metadata"].get("invocation_id") in answers]
    return sorted(served, key=lambda entry: entry["started_at"])


CASE: Final = Case(
    "models",
    "model throttled, reset, silent, malformed: typed error <= 5 s after detection or silent retry",
    lambda _: 140,
    run,
)
