"""SIGTERM during 50 streams: some may end within the grace, the others go on in another process."""

import asyncio
from collections import Counter
from signal import SIGTERM
from typing import Final

from tests.chaos.parts import AGENTS, ANALYTICS, chats
from tests.chaos.questions import prefilled, strict
from tests.chaos.scene import Scene, scene
from tests.chaos.story import Story
from tests.trials.case import Case, Stage
from tests.trials.record import Result
from tests.trials.report import spread

ENDED_S: Final = 10.0
_STREAMS: Final = 50
_QUESTIONS: Final = (prefilled(100, 40), strict(100, 40), prefilled(450, 40), strict(300, 40))
_INTO_S: Final = (1.0, 3.0)
_GIVE_UP_S: Final = 90.0


async def run(stage: Stage) -> Result:
    done = stage.record.rounds()
    async with scene(stage, [*chats(3), AGENTS, ANALYTICS]) as here:
        words = await asyncio.gather(*(here.words(each.model, each.text) for each in _QUESTIONS))
        expected = {each.text: said for each, said in zip(_QUESTIONS, words, strict=True)}
        for number in range(stage.settings.terminations):
            into_s = stage.chance.uniform(*_INTO_S)
            if number not in done:
                found = await _terminate(here, f"chat{number % 3 + 1}", into_s, expected)
                stage.record.keep(number, found)
                stage.say(f"SIGTERM {number + 1}", ended_s=found["ended_s"], **found["outcomes"])
                for complaint in found["complaints"]:
                    stage.say(f"  {complaint}")
                await here.ground.ready(*here.ground.parts)
    rounds = stage.record.rounds().values()
    complaints = [complaint for each in rounds for complaint in each["complaints"]]
    figures = {
        "process ended after (s)": [each["ended_s"] for each in rounds],
        "outcomes": [each["outcomes"] for each in rounds],
        "went on elsewhere": [each["handed_over"] for each in rounds],
        "silence at the hand-over (s)": [each["gap_s"] for each in rounds],
    }
    return Result(not complaints, figures, complaints)


async def _terminate(here: Scene, victim: str, into_s: float, expected: dict[str, str]) -> dict[str, object]:
    others = [name for name, part in here.ground.parts.items() if part.service == "chat" and name != victim]
    reader = here.door(victim, *others)
    conversations = await asyncio.gather(*(reader.open_conversation() for _ in range(_STREAMS)))
    stories = []
    for place, conversation in enumerate(conversations):
        question = _QUESTIONS[place % len(_QUESTIONS)]
        stories.append(reader.ask(conversation, question.text, question.model))
    following = [asyncio.create_task(reader.follow(story, _GIVE_UP_S)) for story in stories]
    while not all(story.seen for story in stories):
        await asyncio.sleep(0.01)
    await asyncio.sleep(into_s)
    pid = here.ground.signal(victim, SIGTERM)
    ended_s = await here.ground.gone(pid, ENDED_S * 2)
    await asyncio.gather(*following)
    complaints = await here.examine(stories, expected)
    complaints += [f"{each.turn_id}: {each.outcome}" for each in stories if each.outcome != "completed"]
    if ended_s is None or ended_s > ENDED_S:
        complaints.append(f"the process ended after {ended_s} s")
    handed = [story for story in stories if _hand_over(story)]
    return {
        "ended_s": ended_s and round(ended_s, 2),
        "outcomes": dict(Counter(story.outcome for story in stories)),
        "handed_over": len(handed),
        "gap_s": spread([_hand_over(story) or 0 for story in handed]),
        "complaints": complaints,
    }


def _hand_over(story: Story) -> float | None:
    """Seconds without a frame before another process went on; None when it did not have to."""
    for before, seen in zip(story.seen, story.seen[1:], strict=False):
        if seen.frame.event in {"turn.resumed", "turn.restarted"}:
            return seen.at - before.at
    return None


CASE: Final = Case(
    "sigterm",
    "SIGTERM during 50 streams: ended <= 10 s, every turn terminal, no text lost",
    lambda settings: 20 + settings.terminations * 45,
    run,
)
