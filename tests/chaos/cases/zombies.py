"""SIGSTOP of a chat process in mid-stream, SIGCONT when others have long gone on: what it says then, nobody may see."""

import asyncio
import time
from collections import Counter
from signal import SIGCONT, SIGSTOP
from typing import Any, Final

from tests.chaos import checks
from tests.chaos.parts import ANALYTICS, Part, chats
from tests.chaos.questions import prefilled, strict
from tests.chaos.scene import Scene, scene
from tests.chaos.story import Frame, Story
from tests.trials.case import Case, Stage
from tests.trials.record import Result

_QUESTIONS: Final = (prefilled(400, 20), strict(400, 20))
_AFTER_S: Final = 40.0  # until the streams of a woken process have ended
_SURVIVOR: Final = "survivor"


async def run(stage: Stage) -> Result:
    settings, done = stage.settings, stage.record.rounds()
    missing = [number for number in range(settings.pauses) if number not in done]
    into = [stage.chance.uniform(0.3, 6.0) for _ in range(settings.pauses)]
    victims = chats(settings.paused_at_once)
    if missing:
        async with scene(stage, [*victims, Part(_SURVIVOR, "chat"), ANALYTICS]) as here:
            words = await asyncio.gather(*(here.words(each.model, each.text) for each in _QUESTIONS))
            expected = {each.text: said for each, said in zip(_QUESTIONS, words, strict=True)}
            for first in range(0, len(missing), settings.paused_at_once):
                batch = missing[first : first + settings.paused_at_once]
                pausing = [
                    _pause(stage, here, victims[place].name, number, into_s=into[number], expected=expected)
                    for place, number in enumerate(batch)
                ]
                await asyncio.gather(*pausing)
    return judge(list(stage.record.rounds().values()))


async def _pause(
    stage: Stage, here: Scene, victim: str, number: int, *, into_s: float, expected: dict[str, str]
) -> None:
    reader = here.door(victim, _SURVIVOR)
    reader.silence_s = None  # stays on the line, to hear what the woken process says
    stories = [
        reader.ask(await here.door(_SURVIVOR).open_conversation(), question.text, question.model)
        for question in _QUESTIONS
    ]
    following = [
        asyncio.create_task(reader.follow(story, into_s + stage.settings.pause_s + _AFTER_S)) for story in stories
    ]
    while not all(story.seen for story in stories):
        await asyncio.sleep(0.005)
    await asyncio.sleep(into_s)
    here.ground.signal(victim, SIGSTOP)
    stopped_at = time.monotonic()
    watching = [asyncio.create_task(here.door(_SURVIVOR).watch(story.turn_id)) for story in stories]
    watchers = await asyncio.gather(*watching)
    await asyncio.sleep(max(0.0, stage.settings.pause_s - (time.monotonic() - stopped_at)))
    here.ground.signal(victim, SIGCONT)
    woken_at = time.time()
    await asyncio.gather(*following)
    found: dict[str, Any] = {"outcomes": Counter(watcher.outcome for watcher in watchers), "complaints": []}
    for story, watcher in zip(stories, watchers, strict=True):
        log = await asyncio.to_thread(here.truth.log, story.turn_id)
        _add(found, told_by_zombie(story, watcher, log, woken_at))
        watcher.conversation_id, watcher.text = story.conversation_id, story.text
    found["complaints"] += await here.examine([*watchers, *stories], expected)
    stage.record.keep(number, found)
    stage.say(f"pause {number + 1}", **{name: found[name] for name in ("shown", "late", "took_over")})
    for complaint in found["complaints"]:
        stage.say(f"  {complaint}")


def told_by_zombie(story: Story, watcher: Story, log: list[Frame], woken_at: float) -> dict[str, int]:
    """`shown`: frames that a reader saw and the log has not, or has otherwise: a zombie's words.

    `late`: true frames of the first attempt which the woken process sent to its reader only then.
    """
    first = {frame.id for frame in log if frame.attempt == log[0].attempt}
    return {
        "shown": len(checks.strangers([*story.seen, *watcher.seen], log)),
        "late": sum(seen.at >= woken_at and seen.frame.id in first for seen in story.seen if seen.connection == 1),
        "took_over": int(len({frame.attempt for frame in log}) > 1),
    }


def _add(found: dict[str, Any], counted: dict[str, int]) -> None:
    for name, count in counted.items():
        found[name] = found.get(name, 0) + count


def judge(rounds: list[dict[str, Any]]) -> Result:
    complaints = [complaint for each in rounds for complaint in each["complaints"]]
    figures = {
        "pauses": len(rounds),
        "turns taken over": sum(each["took_over"] for each in rounds),
        "frames of a zombie shown": sum(each["shown"] for each in rounds),
        "true frames that came late": sum(each["late"] for each in rounds),
        "outcomes": dict(sum((Counter(each["outcomes"]) for each in rounds), Counter[str]())),
    }
    if figures["frames of a zombie shown"]:
        complaints.append("frames of a zombie were shown")
    return Result(not complaints, figures, complaints)


CASE: Final = Case(
    "zombies",
    "SIGSTOP 60 s / SIGCONT of chat in mid-stream: no frame of the zombie was seen after the takeover",
    lambda settings: 30 + -(-settings.pauses // settings.paused_at_once) * (settings.pause_s + 15),
    run,
)
