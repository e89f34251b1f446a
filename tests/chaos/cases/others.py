"""`kill -9` of whatever else there is: analytics, agents, the relay, the gateway, models, and chat while tools work."""

import asyncio
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Final

from tests.chaos.cases.ledger import settled_audit
from tests.chaos.load import Load, ask
from tests.chaos.parts import AGENTS, ANALYTICS, GATEWAY, MODELS, Part, chats
from tests.chaos.questions import prefilled, strict, with_tools
from tests.chaos.scene import Scene, scene
from tests.chaos.story import Story
from tests.trials.case import Case, Stage
from tests.trials.record import Result

_PARTS: Final = (*chats(2, roles="http,turns"), Part("relay", "chat", "relay"), AGENTS, ANALYTICS)
_BRIEF: Final = (prefilled(60), strict(60), with_tools(20, 40))
_KILLS: Final = 3
_APART_S: Final = 2.5
_WAITING_S: Final = 20.0


async def _kill_under_load(here: Scene, name: str) -> list[Story]:
    async with Load(here.reader, _BRIEF, side_by_side=4) as load:
        for _ in range(_KILLS):
            await asyncio.sleep(_APART_S)
            here.ground.kill(name)
        await asyncio.sleep(_APART_S)
    return load.stories


async def _kill_agents(here: Scene) -> list[Story]:
    """While calls are under way: a tool is quick, so they are piled up behind a pause first."""
    stories: list[Story] = []
    for _ in range(_KILLS):
        here.ground.signal("agents", signal.SIGSTOP)
        async with asyncio.TaskGroup() as asking:
            begun = len(stories)
            for _ in range(4):
                asking.create_task(ask(here.reader, with_tools(10, 20), stories))
            await _until_awaiting(here, stories, begun)
            here.ground.kill("agents")
    return stories


async def _kill_chat_while_tools_work(here: Scene) -> list[Story]:
    """Agents stands still, so that the turns surely wait when their process dies."""
    stories: list[Story] = []
    here.ground.signal("agents", signal.SIGSTOP)
    reader = here.door("chat1", "chat2")
    async with asyncio.TaskGroup() as asking:
        for _ in range(6):
            asking.create_task(ask(reader, with_tools(20, 60), stories))
        await _until_awaiting(here, stories, 0)
        here.ground.kill("chat1")
        await asyncio.sleep(1)
        here.ground.signal("agents", signal.SIGCONT)
    return stories


async def _until_awaiting(here: Scene, stories: list[Story], begun: int) -> None:
    async def is_waiting(story: Story) -> bool:
        return (await asyncio.to_thread(here.truth.turn, story.turn_id)).get("state") == "awaiting_tools"

    async with asyncio.timeout(_WAITING_S):
        while True:
            known = [story for story in stories[begun:] if story.turn_id]
            if len(known) >= 4 and all([await is_waiting(story) for story in known]):
                return
            await asyncio.sleep(0.1)


async def _kill_gateway(here: Scene) -> list[Story]:
    through = here.door(GATEWAY)
    async with Load(through, _BRIEF, side_by_side=4) as load:
        for _ in range(_KILLS):
            await asyncio.sleep(_APART_S)
            here.ground.kill(GATEWAY)
        await asyncio.sleep(_APART_S)
    return load.stories


_KILLED: Final[dict[str, Callable[[Scene], Awaitable[list[Story]]]]] = {
    "analytics": lambda here: _kill_under_load(here, "analytics"),
    "agents": _kill_agents,
    "relay": lambda here: _kill_under_load(here, "relay"),
    "gateway": _kill_gateway,
    "models": lambda here: _kill_under_load(here, MODELS),
    "chat awaiting tools": _kill_chat_while_tools_work,
}
_MAY_FAIL: Final = {"models": "failed:model-"}  # an answer that broke off ends with a typed error


def odd_ends(killed: str, stories: list[Story]) -> list[str]:
    """Turns that neither completed nor failed in the way that this kill allows."""
    allowed = _MAY_FAIL.get(killed)
    return [
        f"{story.turn_id}: {story.outcome} when {killed} was killed"
        for story in stories
        if story.outcome != "completed" and not (allowed and story.outcome.startswith(allowed))
    ]


async def run(stage: Stage) -> Result:
    done = stage.record.rounds()
    async with scene(stage, _PARTS, gateway={"chat": "chat1", "analytics": "analytics"}) as here:
        for number, (killed, strike) in enumerate(_KILLED.items()):
            if number in done:
                continue
            stories = await strike(here)
            complaints = [*odd_ends(killed, stories), *await here.examine(stories)]
            found = {"killed": killed, "outcomes": Counter(each.outcome for each in stories), "complaints": complaints}
            if complaints:
                found["stories"] = [story.dump() for story in stories]
            stage.record.keep(number, found)
            stage.say(f"killed {killed}", turns=len(stories), **found["outcomes"])
            for complaint in complaints:
                stage.say(f"  {complaint}")
        books, took_s = await settled_audit(here)
        stage.say("ledger", **books.figures())
    rounds: list[dict[str, Any]] = list(stage.record.rounds().values())
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
