"""SIGSTOP of a chat process in mid-stream, SIGCONT after a takeover: its late frames must reach no reader."""

import asyncio
import time
from collections import Counter
from signal import SIGCONT, SIGSTOP
from typing import Any, Final

from tests.chaos import checks
from tests.chaos.environment import ChaosEnvironment, chaos_environment
from tests.chaos.observation import Frame, ObservedTurn
from tests.chaos.process_specs import ANALYTICS, ProcessSpec, chat_processes
from tests.chaos.questions import prefilled, strict
from tests.trials.case import Case, CaseContext
from tests.trials.record import Result

_QUESTIONS: Final = (prefilled(400, 20), strict(400, 20))
_AFTER_S: Final = 40.0  # until the streams of a woken process have ended
_SURVIVOR: Final = "survivor"


async def run(context: CaseContext) -> Result:
    settings, done = context.settings, context.record.rounds()
    missing = [number for number in range(settings.pauses) if number not in done]
    into = [context.rng.uniform(0.3, 6.0) for _ in range(settings.pauses)]
    victims = chat_processes(settings.paused_at_once)
    if missing:
        async with chaos_environment(context, [*victims, ProcessSpec(_SURVIVOR, "chat"), ANALYTICS]) as env:
            words = await asyncio.gather(*(env.undisturbed_answer(each.model, each.text) for each in _QUESTIONS))
            expected = {each.text: said for each, said in zip(_QUESTIONS, words, strict=True)}
            for first in range(0, len(missing), settings.paused_at_once):
                batch = missing[first : first + settings.paused_at_once]
                pausing = [
                    _pause(context, env, victims[place].name, number, into_s=into[number], expected=expected)
                    for place, number in enumerate(batch)
                ]
                await asyncio.gather(*pausing)
    return judge(list(context.record.rounds().values()))


async def _pause(
    context: CaseContext, env: ChaosEnvironment, victim: str, number: int, *, into_s: float, expected: dict[str, str]
) -> None:
    reader = env.reader_at(victim, _SURVIVOR)
    reader.silence_s = None  # stays on the line, to hear what the woken process says
    observed_turns = [
        reader.ask(await env.reader_at(_SURVIVOR).open_conversation(), question.text, question.model)
        for question in _QUESTIONS
    ]
    following = [
        asyncio.create_task(reader.follow(observed, into_s + context.settings.pause_s + _AFTER_S))
        for observed in observed_turns
    ]
    while not all(observed.seen for observed in observed_turns):
        await asyncio.sleep(0.005)
    await asyncio.sleep(into_s)
    env.system.signal(victim, SIGSTOP)
    stopped_at = time.monotonic()
    watching = [asyncio.create_task(env.reader_at(_SURVIVOR).watch(observed.turn_id)) for observed in observed_turns]
    watchers = await asyncio.gather(*watching)
    await asyncio.sleep(max(0.0, context.settings.pause_s - (time.monotonic() - stopped_at)))
    env.system.signal(victim, SIGCONT)
    woken_at = time.time()
    await asyncio.gather(*following)
    found: dict[str, Any] = {"outcomes": Counter(watcher.outcome for watcher in watchers), "complaints": []}
    for observed, watcher in zip(observed_turns, watchers, strict=True):
        log = await asyncio.to_thread(env.inspector.log, observed.turn_id)
        _add(found, zombie_frames(observed, watcher, log, woken_at))
        watcher.conversation_id, watcher.text = observed.conversation_id, observed.text
    found["complaints"] += await env.examine([*watchers, *observed_turns], expected)
    context.record.save_round(number, found)
    context.say(f"pause {number + 1}", **{name: found[name] for name in ("shown", "late", "took_over")})
    for complaint in found["complaints"]:
        context.say(f"  {complaint}")


def zombie_frames(observed: ObservedTurn, watcher: ObservedTurn, log: list[Frame], woken_at: float) -> dict[str, int]:
    """`shown`: frames that a reader saw and the log has not, or has otherwise: a zombie's words.

    `late`: true frames of the first attempt which the woken process sent to its reader only then.
    """
    first = {frame.id for frame in log if frame.attempt == log[0].attempt}
    return {
        "shown": len(checks.unlogged_frames([*observed.seen, *watcher.seen], log)),
        "late": sum(seen.at >= woken_at and seen.frame.id in first for seen in observed.seen if seen.connection == 1),
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
