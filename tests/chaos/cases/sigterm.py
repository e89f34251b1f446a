"""SIGTERM during 50 streams: some may end within the grace, the others go on in another process."""

import asyncio
from collections import Counter
from signal import SIGTERM
from typing import Final

from tests.chaos.environment import ChaosEnvironment, chaos_environment
from tests.chaos.observation import ObservedTurn
from tests.chaos.process_specs import AGENTS, ANALYTICS, chat_processes
from tests.chaos.questions import prefilled, strict
from tests.trials.case import Case, CaseContext
from tests.trials.record import Result
from tests.trials.report import spread

ENDED_S: Final = 10.0
_STREAMS: Final = 50
_QUESTIONS: Final = (prefilled(100, 40), strict(100, 40), prefilled(450, 40), strict(300, 40))
_INTO_S: Final = (1.0, 3.0)
_GIVE_UP_S: Final = 90.0


async def run(context: CaseContext) -> Result:
    done = context.record.rounds()
    async with chaos_environment(context, [*chat_processes(3), AGENTS, ANALYTICS]) as env:
        words = await asyncio.gather(*(env.undisturbed_answer(each.model, each.text) for each in _QUESTIONS))
        expected = {each.text: said for each, said in zip(_QUESTIONS, words, strict=True)}
        for number in range(context.settings.terminations):
            into_s = context.rng.uniform(*_INTO_S)
            if number not in done:
                found = await _terminate(env, f"chat{number % 3 + 1}", into_s, expected)
                context.record.save_round(number, found)
                context.say(f"SIGTERM {number + 1}", ended_s=found["ended_s"], **found["outcomes"])
                for complaint in found["complaints"]:
                    context.say(f"  {complaint}")
                await env.system.ready(*env.system.specs)
    rounds = context.record.rounds().values()
    complaints = [complaint for each in rounds for complaint in each["complaints"]]
    figures = {
        "process ended after (s)": [each["ended_s"] for each in rounds],
        "outcomes": [each["outcomes"] for each in rounds],
        "went on elsewhere": [each["handed_over"] for each in rounds],
        "silence at the hand-over (s)": [each["gap_s"] for each in rounds],
    }
    return Result(not complaints, figures, complaints)


async def _terminate(env: ChaosEnvironment, victim: str, into_s: float, expected: dict[str, str]) -> dict[str, object]:
    others = [name for name, spec in env.system.specs.items() if spec.service == "chat" and name != victim]
    reader = env.reader_at(victim, *others)
    conversations = await asyncio.gather(*(reader.open_conversation() for _ in range(_STREAMS)))
    observed_turns = []
    for place, conversation in enumerate(conversations):
        question = _QUESTIONS[place % len(_QUESTIONS)]
        observed_turns.append(reader.ask(conversation, question.text, question.model))
    following = [asyncio.create_task(reader.follow(observed, _GIVE_UP_S)) for observed in observed_turns]
    while not all(observed.seen for observed in observed_turns):
        await asyncio.sleep(0.01)
    await asyncio.sleep(into_s)
    pid = env.system.signal(victim, SIGTERM)
    ended_s = await env.system.gone(pid, ENDED_S * 2)
    await asyncio.gather(*following)
    complaints = await env.examine(observed_turns, expected)
    complaints += [f"{each.turn_id}: {each.outcome}" for each in observed_turns if each.outcome != "completed"]
    if ended_s is None or ended_s > ENDED_S:
        complaints.append(f"the process ended after {ended_s} s")
    handed = [observed for observed in observed_turns if _hand_over(observed)]
    return {
        "ended_s": ended_s and round(ended_s, 2),
        "outcomes": dict(Counter(observed.outcome for observed in observed_turns)),
        "handed_over": len(handed),
        "gap_s": spread([_hand_over(observed) or 0 for observed in handed]),
        "complaints": complaints,
    }


def _hand_over(observed: ObservedTurn) -> float | None:
    """Seconds without a frame before another process went on; None when it did not have to."""
    for before, seen in zip(observed.seen, observed.seen[1:], strict=False):
        if seen.frame.event in {"turn.resumed", "turn.restarted"}:
            return seen.at - before.at
    return None


CASE: Final = Case(
    "sigterm",
    "SIGTERM during 50 streams: ended <= 10 s, every turn terminal, no text lost",
    lambda settings: 20 + settings.terminations * 45,
    run,
)
