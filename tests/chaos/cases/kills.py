"""`kill -9` of chat in mid-answer, again and again, while several answers are being written."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.chaos.environment import ChaosEnvironment, chaos_environment
from tests.chaos.observation import ObservedTurn
from tests.chaos.process_specs import AGENTS, ANALYTICS, chat_processes
from tests.chaos.questions import MIXED, Question
from tests.chaos.schedule import Spread, kill_times, last_kill, share
from tests.chaos.settings import ChaosSettings
from tests.trials.case import Case, CaseContext
from tests.trials.record import Result
from tests.trials.report import spread

TERMINAL_S: Final = 30.0
MOST_ATTEMPTS: Final = 4  # three takeovers; a turn that was killed more often may give up
_GIVE_UP_S: Final = 75.0
_BEGINNINGS: Final = frozenset({"turn.started", "turn.resumed", "turn.restarted"})


@dataclass
class _Round:
    """One kill. `shares`: where in each answer it fell."""

    number: int
    killed_at: float
    shares: list[float]
    observed_turns: list[ObservedTurn]
    complaints: list[str] = field(default_factory=list)

    def dump(self) -> dict[str, Any]:
        return {
            "killed_at": self.killed_at,
            "share": sum(self.shares) / len(self.shares),
            "turns": [_turn(observed) for observed in self.observed_turns],
            "complaints": self.complaints,
            "stories": [observed.dump() for observed in self.observed_turns] if self.complaints else [],
        }


def _turn(observed: ObservedTurn) -> dict[str, Any]:
    begun = [seen for seen in observed.seen if seen.frame.event in _BEGINNINGS]
    return {
        "turn_id": observed.turn_id,
        "outcome": observed.outcome,
        "begun": [(seen.at, seen.frame.event) for seen in begun],
        "ended_at": observed.ended_at,
        "connections": observed.connections,
        "frames": len(observed.seen),
        "refusals": dict(observed.refusals),
    }


async def run(context: CaseContext) -> Result:
    settings, done = context.settings, context.record.rounds()
    shares = kill_times(settings.seed, settings.kills)
    missing = [number for number in range(settings.kills) if number not in done]
    context.say("begins", kills=settings.kills, done=len(done), lanes=settings.lanes)
    if missing:
        async with chaos_environment(context, [*chat_processes(max(2, settings.lanes)), AGENTS, ANALYTICS]) as env:
            expected = await _words(env)
            lanes = [
                _lane(context, env, lane, numbers=missing[lane :: settings.lanes], shares=shares, expected=expected)
                for lane in range(settings.lanes)
            ]
            await asyncio.gather(*lanes)
    return judge(list(context.record.rounds().values()))


async def _words(env: ChaosEnvironment) -> dict[str, str]:
    """What is answered undisturbed. Answers with tools quote ids of their own, so they are never the same twice."""
    plain = list({each.text: each for each in MIXED if not each.more}.values())
    words = await asyncio.gather(*(env.undisturbed_answer(each.model, each.text) for each in plain))
    return {each.text: said for each, said in zip(plain, words, strict=True)}


async def _lane(
    context: CaseContext,
    env: ChaosEnvironment,
    lane: int,
    *,
    numbers: list[int],
    shares: list[float],
    expected: dict[str, str],
) -> None:
    """The kills of one process, one after the other; the others of the system take its turns over."""
    names = [name for name, spec in env.system.specs.items() if spec.service == "chat"]
    victim = names[lane]
    others = [name for name in names if name != victim]
    for number in numbers:
        await env.system.ready(victim)
        questions = [MIXED[(number + index) % len(MIXED)] for index in range(context.settings.streams)]
        found = await _strike(env, [victim, *others], number, shares[number], questions)
        found.complaints = await env.examine(found.observed_turns, expected)
        context.record.save_round(number, found.dump())
        outcomes = Counter(observed.outcome for observed in found.observed_turns)
        context.say(f"kill {number + 1}", share=round(sum(found.shares) / len(found.shares), 2), **outcomes)
        for complaint in found.complaints:
            context.say(f"  {complaint}")


async def _strike(
    env: ChaosEnvironment, names: list[str], number: int, place: float, questions: Sequence[Question]
) -> _Round:
    reader = env.reader_at(*names)
    conversations = await asyncio.gather(*(reader.open_conversation() for _ in questions))
    observed_turns = [
        reader.ask(conversation, each.text, each.model, **each.more)
        for conversation, each in zip(conversations, questions, strict=True)
    ]
    following = [asyncio.create_task(reader.follow(observed, _GIVE_UP_S)) for observed in observed_turns]
    while not any(observed.seen for observed in observed_turns) and not all(task.done() for task in following):
        await asyncio.sleep(0.002)
    await asyncio.sleep(place * sum(each.expected_s for each in questions) / len(questions))
    killed_at = env.system.kill(names[0])
    await asyncio.gather(*following)
    fell = [
        share(killed_at, observed.seen[0].at, each.expected_s)
        for observed, each in zip(observed_turns, questions, strict=True)
        if observed.seen
    ]
    return _Round(number, killed_at, fell, observed_turns)


def judge(rounds: list[dict[str, Any]]) -> Result:
    """The rule of the table, from what the rounds have recorded."""
    kills = sorted(each["killed_at"] for each in rounds)
    turns = [turn for each in rounds for turn in each["turns"]]
    complaints = [complaint for each in rounds for complaint in each["complaints"]]
    late, waits, hit = [], [], 0
    for turn in turns:
        blow = last_kill(kills, [at for at, _ in turn["begun"]])
        attempts = len(turn["begun"])
        if turn["outcome"] != "completed" and attempts < MOST_ATTEMPTS:
            complaints.append(f"{turn['turn_id']}: {turn['outcome']} after {attempts} attempts")
        if blow is None or turn["ended_at"] is None:
            continue
        hit += 1
        waits.append(turn["ended_at"] - blow)
        if waits[-1] > TERMINAL_S:
            late.append(f"{turn['turn_id']}: terminal {waits[-1]:.1f} s after the kill, {attempts} attempts")
    fell = Spread.of([each["share"] for each in rounds])
    if not fell.is_valid:
        complaints.append(f"invalid: only {fell.inside} of {fell.count} kills fell between 5 % and 95 %")
    figures = {
        "kills": len(rounds),
        "turns": len(turns),
        "taken over": hit,
        "quartiles": fell.quartiles,
        "inside 5-95 %": fell.inside,
        "terminal after kill (s)": spread(waits),
        "begun again by": dict(Counter(event for turn in turns for _, event in turn["begun"][1:])),
        "attempts": dict(Counter(len(turn["begun"]) for turn in turns)),
        "outcomes": dict(Counter(turn["outcome"] for turn in turns)),
        "connections per turn": spread([turn["connections"] for turn in turns], 0),
    }
    return Result(not (complaints or late), figures, complaints + late)


def _estimate(settings: ChaosSettings) -> float:
    return 20 + settings.kills / settings.lanes * 17


CASE: Final = Case(
    "kills",
    "kill -9 of chat in mid-answer: terminal <= 30 s, nothing lost, nothing twice, asked once",
    _estimate,
    run,
)
