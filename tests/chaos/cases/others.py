"""`kill -9` of every other process: analytics, agents, relay, gateway, models, and chat while tools run."""

import asyncio
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Final

from tests.chaos.cases.ledger import settled_audit
from tests.chaos.environment import ChaosEnvironment, chaos_environment
from tests.chaos.load import Load, ask
from tests.chaos.observation import ObservedTurn
from tests.chaos.process_specs import AGENTS, ANALYTICS, GATEWAY, MODELS, ProcessSpec, chat_processes
from tests.chaos.questions import prefilled, strict, with_tools
from tests.trials.case import Case, CaseContext
from tests.trials.record import Result

_PARTS: Final = (
    *chat_processes(2, roles="http,turns,watchdogs"),
    ProcessSpec("relay", "chat", "relay"),
    AGENTS,
    ANALYTICS,
)
_BRIEF: Final = (prefilled(60), strict(60), with_tools(20, 40))
_KILLS: Final = 3
_APART_S: Final = 2.5
_WAITING_S: Final = 20.0


async def _kill_under_load(env: ChaosEnvironment, name: str) -> list[ObservedTurn]:
    async with Load(env.reader, _BRIEF, side_by_side=4) as load:
        for _ in range(_KILLS):
            await asyncio.sleep(_APART_S)
            env.system.kill(name)
        await asyncio.sleep(_APART_S)
    return load.observed_turns


async def _kill_agents(env: ChaosEnvironment) -> list[ObservedTurn]:
    """While calls are under way: a tool is quick, so they are piled up behind a pause first."""
    observed_turns: list[ObservedTurn] = []
    for _ in range(_KILLS):
        env.system.signal("agents", signal.SIGSTOP)
        async with asyncio.TaskGroup() as asking:
            begun = len(observed_turns)
            for _ in range(4):
                asking.create_task(ask(env.reader, with_tools(10, 20), observed_turns))
            await _until_awaiting(env, observed_turns, begun)
            env.system.kill("agents")
    return observed_turns


async def _kill_chat_while_tools_work(env: ChaosEnvironment) -> list[ObservedTurn]:
    """Agents stands still, so that the turns surely wait when their process dies."""
    observed_turns: list[ObservedTurn] = []
    env.system.signal("agents", signal.SIGSTOP)
    reader = env.reader_at("chat1", "chat2")
    async with asyncio.TaskGroup() as asking:
        for _ in range(6):
            asking.create_task(ask(reader, with_tools(20, 60), observed_turns))
        await _until_awaiting(env, observed_turns, 0)
        env.system.kill("chat1")
        await asyncio.sleep(1)
        env.system.signal("agents", signal.SIGCONT)
    return observed_turns


async def _until_awaiting(env: ChaosEnvironment, observed_turns: list[ObservedTurn], begun: int) -> None:
    async def is_waiting(observed: ObservedTurn) -> bool:
        return (await asyncio.to_thread(env.inspector.turn, observed.turn_id)).get("state") == "awaiting_tools"

    async with asyncio.timeout(_WAITING_S):
        while True:
            known = [observed for observed in observed_turns[begun:] if observed.turn_id]
            if len(known) >= 4 and all([await is_waiting(observed) for observed in known]):
                return
            await asyncio.sleep(0.1)


async def _kill_gateway(env: ChaosEnvironment) -> list[ObservedTurn]:
    through = env.reader_at(GATEWAY)
    async with Load(through, _BRIEF, side_by_side=4) as load:
        for _ in range(_KILLS):
            await asyncio.sleep(_APART_S)
            env.system.kill(GATEWAY)
        await asyncio.sleep(_APART_S)
    return load.observed_turns


_KILLED: Final[dict[str, Callable[[ChaosEnvironment], Awaitable[list[ObservedTurn]]]]] = {
    "analytics": lambda env: _kill_under_load(env, "analytics"),
    "agents": _kill_agents,
    "relay": lambda env: _kill_under_load(env, "relay"),
    "gateway": _kill_gateway,
    "models": lambda env: _kill_under_load(env, MODELS),
    "chat awaiting tools": _kill_chat_while_tools_work,
}
_MAY_FAIL: Final = {"models": "failed:model-"}  # an answer that broke off ends with a typed error


def unexpected_outcomes(killed: str, observed_turns: list[ObservedTurn]) -> list[str]:
    """Turns that neither completed nor failed in the way that this kill allows."""
    allowed = _MAY_FAIL.get(killed)
    return [
        f"{observed.turn_id}: {observed.outcome} when {killed} was killed"
        for observed in observed_turns
        if observed.outcome != "completed" and not (allowed and observed.outcome.startswith(allowed))
    ]


async def run(context: CaseContext) -> Result:
    done = context.record.rounds()
    async with chaos_environment(context, _PARTS, gateway={"chat": "chat1", "analytics": "analytics"}) as env:
        for number, (killed, strike) in enumerate(_KILLED.items()):
            if number in done:
                continue
            observed_turns = await strike(env)
            complaints = [*unexpected_outcomes(killed, observed_turns), *await env.examine(observed_turns)]
            found = {
                "killed": killed,
                "outcomes": Counter(each.outcome for each in observed_turns),
                "complaints": complaints,
            }
            if complaints:
                found["stories"] = [observed.dump() for observed in observed_turns]
            context.record.save_round(number, found)
            context.say(f"killed {killed}", turns=len(observed_turns), **found["outcomes"])
            for complaint in complaints:
                context.say(f"  {complaint}")
        books, took_s = await settled_audit(env)
        context.say("ledger", **books.figures())
    rounds: list[dict[str, Any]] = list(context.record.rounds().values())
    complaints = [complaint for each in rounds for complaint in each["complaints"]] + books.complaints
    figures: dict[str, Any] = {each["killed"]: dict(each["outcomes"]) for each in rounds}
    figures |= {"invocations = ledger rows": books.invocations, "ledger settled after (s)": round(took_s, 1)}
    return Result(not complaints, figures, complaints)


CASE: Final = Case(
    "others",
    "kill -9 of analytics, agents, relay, gateway, models, chat awaiting tools: nothing lost, effects once",
    lambda _: 150,
    run,
)
