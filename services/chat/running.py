"""Runs a turn: asks the model, says what it says, and ends the turn, whatever happens on the way."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

import structlog

from services.chat.answer import Answer
from services.chat.domain import Frame, Invocation, Turn, TurnUsage
from services.chat.ending import Ending, Outcome
from services.chat.keeping import Kept, LeaseKeeper
from services.chat.live import LiveTurn, LiveTurns
from services.chat.model_events import ModelFailedError, ModelRequest, Models, Said, turn_problem
from services.chat.paying import Paying
from services.chat.saying import Voice
from services.chat.settings import ChatSettings
from services.chat.tables import FencedError, Store
from services.chat.titling import Titling
from shared.catalogue import Catalogue, Model
from shared.clock import Clock, epoch_millis

_log: Final = structlog.get_logger()


@dataclass(frozen=True)
class Work:
    """A turn that this process holds the lease of, what its model is asked, and what the log begins with already."""

    turn: Turn
    model: Model
    said: Sequence[Said]
    invocation: Invocation
    question: str
    begun: Frame | None = None


class Running:
    def __init__(  # noqa: PLR0917 - wired once, in bootstrap
        self,
        store: Store,
        models: Models,
        paying: Paying,
        ending: Ending,
        titling: Titling,
        keeper: LeaseKeeper,
        live: LiveTurns,
        catalogue: Catalogue,
        settings: ChatSettings,
        clock: Clock,
    ) -> None:
        self._store = store
        self._models = models
        self._paying = paying
        self._ending = ending
        self._titling = titling
        self._keeper = keeper
        self._live = live
        self._catalogue = catalogue
        self._settings = settings
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Work) -> asyncio.Task[None]:
        """Run it beside everything else; it goes on when nobody listens."""
        live = self._live.open(work.turn.id)
        if work.begun:
            live.publish(work.begun)
        return self._background(asyncio.create_task(self._run(work, live), name=work.turn.id))

    async def drain(self) -> None:
        """Let running turns end, as long as the settings allow; the rest is left to the watchdog of another process."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=self._settings.drain_s)
        while self._tasks:  # a turn that is cut off leaves its title
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _background(self, task: asyncio.Task[None]) -> asyncio.Task[None]:
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("turn left to its watchdog", task=task.get_name(), exc_info=error)

    async def _run(self, work: Work, live: LiveTurn) -> None:
        turn, answer = work.turn, Answer()
        kept = self._keeper.keep(turn)
        voice = Voice(turn, self._store.log, live, work.begun.seq if work.begun else 0)
        if not work.begun:
            voice.tell("turn.started", turn.started_frame())
        pump = asyncio.create_task(voice.pump())
        title = asyncio.create_task(self._title(work, voice)) if turn.makes_title else None
        try:
            ended = await self._until_ended(work, answer, voice, pump, kept)
            if ended is None:
                return
            if title and ended.state == "completed":
                await asyncio.wait({title}, timeout=self._settings.title_wait_s)
            voice.hush()
            await self._all_said(voice, pump)
            for frame in await self._ending.end(turn, ended, voice.seq):
                live.publish(frame)
        except FencedError:
            _log.info("turn taken over", turn_id=turn.id, attempt=turn.attempt)
        finally:
            pump.cancel()
            self._keeper.release(kept)
            self._live.close(live)
            if title:
                self._background(title)

    async def _until_ended(
        self, work: Work, answer: Answer, voice: Voice, pump: "asyncio.Task[None]", kept: Kept
    ) -> Outcome | None:
        """Let the model speak until it has ended, is stopped, or runs out of time. None: the turn is not ours."""
        speaking = asyncio.create_task(self._speak(work, answer, voice))
        left_s = (work.turn.deadline - epoch_millis(self._clock.now())) / 1000
        if left_s <= 0:  # it waited too long for somebody to run it: no model is asked any more
            speaking.cancel()
        ends: set[asyncio.Future[Any]] = {speaking, pump, kept.stopped}
        try:
            done, _ = await asyncio.wait(ends, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            speaking.cancel()
        await asyncio.wait({speaking})
        lost = pump in done or (kept.stopped.done() and kept.stopped.result() == "lost")
        usage = await self._settle(work, answer)
        if lost:
            if pump in done:
                pump.result()  # raises what ended it
            return None
        return self._outcome(work, answer, speaking, kept, usage)

    async def _speak(self, work: Work, answer: Answer, voice: Voice) -> None:
        request = ModelRequest(
            work.invocation.id,
            work.model,
            work.said,
            max_output_tokens=self._settings.max_output_tokens,
            reasoning=work.turn.reasoning,
        )
        async with aclosing(self._models.converse(request)) as events:
            async for event in events:
                answer.take(event, voice)

    def _outcome(
        self, work: Work, answer: Answer, speaking: "asyncio.Task[None]", kept: Kept, usage: TurnUsage
    ) -> Outcome:
        turn, content = work.turn, answer.content()
        if kept.stopped.done():
            return Outcome("cancelled", content, usage)
        if speaking.cancelled():
            return Outcome("failed", content, usage, problem=turn_problem("turn-timed-out", turn.id))
        match speaking.exception():
            case None:
                return Outcome("completed", content, usage, answer.stop_reason)
            case ModelFailedError() as error:
                _log.warning("model failed", turn_id=turn.id, model=turn.model, problem=error.slug)
                return Outcome("failed", content, usage, problem=error.problem(turn.id))
            case error:
                _log.error("turn failed", turn_id=turn.id, exc_info=error)
                return Outcome("failed", content, usage, problem=turn_problem("internal-error", turn.id))

    async def _settle(self, work: Work, answer: Answer) -> TurnUsage:
        if answer.usage:
            settled = await self._paying.settle(work.invocation, answer.usage, "reported")
        else:
            settled = await self._paying.settle_by_estimate(work.invocation, answer.words(), began=answer.began)
        return TurnUsage(
            **settled.usage.model_dump(), cost_nano_usd=settled.cost_nano_usd, basis=settled.basis or "estimated"
        )

    async def _all_said(self, voice: Voice, pump: "asyncio.Task[None]") -> None:
        """Wait until everything said is in the log. Raises what ended the pump instead."""
        quiet = asyncio.create_task(voice.quiet())
        try:
            await asyncio.wait({quiet, pump}, return_when=asyncio.FIRST_COMPLETED)
            if pump.done():
                pump.result()
        finally:
            quiet.cancel()

    async def _title(self, work: Work, voice: Voice) -> None:
        wanted = self._settings.title_model
        model = self._catalogue.get(wanted) if wanted else work.model
        title = await self._titling.make(work.turn, work.question, model)
        if title:
            voice.tell("conversation.renamed", {"title": title})
