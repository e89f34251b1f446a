"""Runs turns: each in a task of its own, from its work to its end, its tools, or its next process."""

import asyncio
from typing import Final

import structlog

from services.chat.adapters.turn_queue import TurnQueue
from services.chat.domain import Turn
from services.chat.settings import ChatSettings
from services.chat.stream.broadcast import FrameBroadcast, TurnBroadcast
from services.chat.stream.writer import FrameWriter
from services.chat.tables import FencedError, Store
from services.chat.turns.answer_builder import AnswerBuilder
from services.chat.turns.execution import TurnExecution
from services.chat.turns.finish import FinishTurn, TurnOutcome
from services.chat.turns.generation import HANDED_OVER, Generation, ToolsWanted
from services.chat.turns.leases import LeaseRenewer
from services.chat.turns.title import TitleGenerator
from services.chat.turns.tool_rounds import ToolCallDispatcher
from shared.catalogue import Catalogue
from shared.telemetry.spans import Value, entry_span

_log: Final = structlog.get_logger()


class TurnRunner:
    def __init__(  # noqa: PLR0917 - wired once, in app
        self,
        store: Store,
        speaking: Generation,
        ending: FinishTurn,
        calling: ToolCallDispatcher,
        summons: TurnQueue,
        titling: TitleGenerator,
        keeper: LeaseRenewer,
        live: FrameBroadcast,
        catalogue: Catalogue,
        settings: ChatSettings,
    ) -> None:
        self._store = store
        self._speaking = speaking
        self._ending = ending
        self._calling = calling
        self._summons = summons
        self._titling = titling
        self._keeper = keeper
        self._live = live
        self._catalogue = catalogue
        self._settings = settings
        self._tasks: set[asyncio.Task[None]] = set()
        self._draining = False

    def start(self, work: TurnExecution) -> asyncio.Task[None]:
        """Run it beside everything else; it goes on when nobody listens."""
        live = self._live.open(work.turn.id)
        for each in work.begun:
            live.publish(each)
        return self._background(asyncio.create_task(self._traced(work, live), name=work.turn.id))

    @property
    def room(self) -> int:
        """How many turns more this process may run; none once it is about to end."""
        return 0 if self._draining else max(0, self._settings.turns_at_once - len(self._tasks))

    async def drain(self) -> None:
        """Begin no turn more, and see those that run through for as long as the settings allow."""
        self._draining = True
        await self.finish_or_hand_over(self._settings.drain_s)

    async def finish_or_hand_over(self, seconds: float) -> None:
        """Let running turns end within `seconds`, then hand the rest over to other processes."""
        await self._wait(seconds)
        self._keeper.hand_over()
        await self._wait(self._settings.hand_over_s)
        while self._tasks:  # a turn that is cut off leaves its title, and itself to its watchdog
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _wait(self, seconds: float) -> None:
        """Titles of turns that end meanwhile are waited for, too."""
        now = asyncio.get_running_loop().time
        ends_at = now() + seconds
        while self._tasks:
            await asyncio.wait(set(self._tasks), timeout=max(0, ends_at - now()))
            if now() >= ends_at:
                return

    def _background(self, task: asyncio.Task[None]) -> asyncio.Task[None]:
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("turn.crashed", task=task.get_name(), exc_info=error)

    async def _traced(self, work: TurnExecution, live: TurnBroadcast) -> None:
        turn = work.turn
        names: dict[str, Value] = {"colloquy.turn.id": turn.id, "colloquy.turn.attempt": turn.attempt}
        with entry_span("turn", "internal", turn.traceparent, names):
            await self._run(work, live)

    async def _run(self, work: TurnExecution, live: TurnBroadcast) -> None:
        turn, answer = work.turn, AnswerBuilder(work.before, work.going_on)
        kept = self._keeper.keep(turn)
        voice = FrameWriter(turn, self._store.log, live, work.seq)
        pump = asyncio.create_task(voice.pump())
        title = asyncio.create_task(self._make_title(work, voice)) if work.title == "make" else None
        try:
            end = await self._speaking.until_ended(work, answer, voice, pump, kept)
            if end is None:
                return
            if isinstance(end, TurnOutcome) and end.state == "completed":
                await self._last_words_of_title(work, voice, title)
            voice.close_input()
            await _all_said(voice, pump)
            self._keeper.release(kept)
            if end is HANDED_OVER:
                await self._hand_over(turn)
            elif isinstance(end, ToolsWanted):
                live.publish_all(await self._calling.ask(turn, work.rounds + 1, answer, voice.seq))
            elif isinstance(end, TurnOutcome):
                live.publish_all(await self._ending.end(turn, end, voice.seq))
        except FencedError:
            _log.info("turn.taken_over", turn_id=turn.id, attempt=turn.attempt)
        finally:
            pump.cancel()
            self._keeper.release(kept)
            self._live.close(live)
            if title:
                self._background(title)

    async def _hand_over(self, turn: Turn) -> None:
        if await self._store.turns.hand_over(turn.id, turn.attempt):
            await self._summons.run(turn.id)
            _log.info("turn.handed_over", turn_id=turn.id, attempt=turn.attempt)

    async def _make_title(self, work: TurnExecution, voice: FrameWriter) -> None:
        wanted = self._settings.title_model
        model = self._catalogue.get(wanted) if wanted else work.model
        title = await self._titling.make(work.turn, work.question, model)
        if title:
            voice.tell("conversation.renamed", {"title": title})

    async def _last_words_of_title(
        self, work: TurnExecution, voice: FrameWriter, title: "asyncio.Task[None] | None"
    ) -> None:
        if title:
            await asyncio.wait({title}, timeout=self._settings.title_wait_s)
        elif work.title == "tell" and (made := await self._titling.made(work.turn)):
            voice.tell("conversation.renamed", {"title": made})


async def _all_said(voice: FrameWriter, pump: "asyncio.Task[None]") -> None:
    """Wait until everything said is in the log. Raises what ended the pump instead."""
    flushed = asyncio.create_task(voice.flushed())
    try:
        await asyncio.wait({flushed, pump}, return_when=asyncio.FIRST_COMPLETED)
        if pump.done():
            pump.result()
    finally:
        flushed.cancel()
