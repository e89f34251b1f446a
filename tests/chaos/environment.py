"""The environment of a chaos case: a running system, a reader, and an inspector of its state."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientSession

from tests.chaos import checks
from tests.chaos.fault_rules import Rules
from tests.chaos.inspector import SystemInspector
from tests.chaos.observation import ObservedTurn
from tests.chaos.process_specs import PROXY, ProcessSpec
from tests.chaos.reader import Reader, open_session
from tests.chaos.reduce import reduce_frames
from tests.chaos.system import ChaosSystem, chaos_system
from tests.trials.case import CaseContext

SETTLED_S = 240.0
"""Longest wait for a ledger: a title of a process that died may be waited for as long as its model may be silent."""


@dataclass
class ChaosEnvironment:
    system: ChaosSystem
    inspector: SystemInspector
    reader: Reader
    session: ClientSession

    def reader_at(self, *names: str) -> Reader:
        """The reader, with these processes as its endpoints, in this order."""
        return self.reader.at(*(self.system.url(name) for name in names))

    async def set_fault_rules(self, rules: Rules) -> None:
        """From now on the proxy follows these rules."""
        async with self.session.put(f"{self.system.url(PROXY)}/_faults", data=rules.dump()) as answer:
            assert answer.status == 200, await answer.text()

    async def fault_counts(self) -> Mapping[str, int]:
        async with self.session.get(f"{self.system.url(PROXY)}/_faults") as answer:
            told = await answer.json()
            return {"passed": told["passed"], **told["struck"]}

    async def undisturbed_answer(self, model: str, text: str, **more: object) -> str:
        """The text of the answer when nothing is disturbed."""
        observed = self.reader.ask(await self.reader.open_conversation(), text, model, **more)
        await self.reader.follow(observed)
        assert observed.outcome == "completed", (observed.outcome, observed.refusals)
        return reduce_frames(observed.frames).text

    async def examine(
        self, observed_turns: Iterable[ObservedTurn], expected: Mapping[str, str] | None = None
    ) -> list[str]:
        """Complaints about each of them: stream, log, stored messages, and the words by question, if given."""
        together = await asyncio.gather(*(self._examine(observed, expected or {}) for observed in observed_turns))
        return [complaint for found in together for complaint in found]

    async def _examine(self, observed: ObservedTurn, expected: Mapping[str, str]) -> list[str]:
        if not observed.ended:
            return [f"{observed.turn_id or observed.key}: {observed.outcome}, refusals {dict(observed.refusals)}"]
        log = await asyncio.to_thread(self.inspector.log, observed.turn_id)
        messages = await self.reader.messages(observed.conversation_id)
        return [
            *checks.order_errors(observed),
            *checks.log_errors(observed.turn_id, log),
            *checks.log_differences(observed, log),
            *checks.message_differences(observed.turn_id, log, messages),
            *checks.duplicate_messages(observed, messages),
            *(checks.text_differences(observed, expected[observed.text]) if observed.text in expected else []),
        ]


@asynccontextmanager
async def chaos_environment(
    context: CaseContext,
    specs: Sequence[ProcessSpec],
    *,
    gateway: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> AsyncIterator[ChaosEnvironment]:
    """A system in the case's own folder (or another's). The reader asks the first part first."""
    place = folder or context.record.folder / "state"
    async with chaos_system(place, specs, gateway=gateway) as built, open_session() as session:
        endpoints = [built.url(spec.name) for spec in specs if spec.service == "chat" and spec.roles != "relay"]
        reader = Reader(session, built.token(), endpoints, rng=context.rng)
        yield ChaosEnvironment(built, SystemInspector(built), reader, session)
