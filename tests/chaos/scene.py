"""A system, somebody at its page, and the truth behind it: what every case begins with."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientSession

from tests.chaos import checks
from tests.chaos.fault_rules import Rules
from tests.chaos.fold import folded
from tests.chaos.ground import Ground, ground
from tests.chaos.parts import PROXY, Part
from tests.chaos.reader import Reader, opened_session
from tests.chaos.story import Story
from tests.chaos.truth import Truth
from tests.trials.case import Stage

SETTLED_S = 240.0
"""Longest wait for a ledger: a title of a process that died may be waited for as long as its model may be silent."""


@dataclass
class Scene:
    ground: Ground
    truth: Truth
    reader: Reader
    session: ClientSession

    def door(self, *names: str) -> Reader:
        """The reader, asking these parts in this order."""
        return self.reader.at(*(self.ground.url(name) for name in names))

    async def fault(self, rules: Rules) -> None:
        """From now on the proxy follows these rules."""
        async with self.session.put(f"{self.ground.url(PROXY)}/_faults", data=rules.dump()) as answer:
            assert answer.status == 200, await answer.text()

    async def faults_struck(self) -> Mapping[str, int]:
        async with self.session.get(f"{self.ground.url(PROXY)}/_faults") as answer:
            told = await answer.json()
            return {"passed": told["passed"], **told["struck"]}

    async def words(self, model: str, text: str, **more: object) -> str:
        """What this question is answered when nothing is wrong."""
        story = self.reader.ask(await self.reader.open_conversation(), text, model, **more)
        await self.reader.follow(story)
        assert story.outcome == "completed", (story.outcome, story.refusals)
        return folded(story.frames).text

    async def examine(self, stories: Iterable[Story], expected: Mapping[str, str] | None = None) -> list[str]:
        """Complaints about each of them: stream, log, stored messages, and the words by question, if given."""
        together = await asyncio.gather(*(self._examine(story, expected or {}) for story in stories))
        return [complaint for found in together for complaint in found]

    async def _examine(self, story: Story, expected: Mapping[str, str]) -> list[str]:
        if not story.ended:
            return [f"{story.turn_id or story.key}: {story.outcome}, refusals {dict(story.refusals)}"]
        log = await asyncio.to_thread(self.truth.log, story.turn_id)
        messages = await self.reader.messages(story.conversation_id)
        return [
            *checks.out_of_order(story),
            *checks.broken_log(story.turn_id, log),
            *checks.unlike_the_log(story, log),
            *checks.unlike_the_message(story.turn_id, log, messages),
            *checks.asked_other_than_once(story, messages),
            *(checks.other_words(story, expected[story.text]) if story.text in expected else []),
        ]


@asynccontextmanager
async def scene(
    stage: Stage, parts: Sequence[Part], *, gateway: Mapping[str, str] | None = None, folder: Path | None = None
) -> AsyncIterator[Scene]:
    """A system in the case's own folder (or another's). The reader asks the first part first."""
    place = folder or stage.record.folder / "state"
    async with ground(place, parts, gateway=gateway) as built, opened_session() as session:
        doors = [built.url(part.name) for part in parts if part.service == "chat" and part.roles != "relay"]
        reader = Reader(session, built.token(), doors, chance=stage.chance)
        yield Scene(built, Truth(built), reader, session)
