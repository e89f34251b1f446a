"""Turn runner: the one path of every run of a turn: its first, one after its tools, and a takeover.

lease → fence → context → invocation → generation → end of the run
"""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog

from services.chat.adapters.turn_queue import TurnQueue
from services.chat.context.builder import Context, ContextBuilder
from services.chat.context.stage import ContextDraft
from services.chat.domain import Frame, Turn, total
from services.chat.leases.fence import AttemptFence
from services.chat.leases.held_turn import HeldTurn
from services.chat.leases.renewer import HeldLease, LeaseRenewer
from services.chat.settings import ChatSettings
from services.chat.stream.broadcast import FrameBroadcast, TurnBroadcast
from services.chat.stream.writer import FrameWriter
from services.chat.tables import FencedError, Store
from services.chat.turns.answer_builder import AnswerBuilder
from services.chat.turns.finish import FinishTurn, TurnOutcome
from services.chat.turns.generation import Generation, ToolsWanted
from services.chat.turns.tasks import TurnTasks
from services.chat.turns.title import Titles
from services.chat.turns.tool_rounds import ToolCallDispatcher
from shared.aws.errors import AWS_ERRORS
from shared.catalogue import Catalogue, Model
from shared.clock import Clock, epoch_millis
from shared.llm.invocation import Invocation
from shared.llm.metering import InvocationRecorder
from shared.problems import Problem
from shared.telemetry.spans import Value, entry_span

_log: Final = structlog.get_logger()


@dataclass(frozen=True)
class TurnRun:
    """A turn for this process to run. Of a turn that was started here, the context and the open invocation, too."""

    held: HeldTurn
    context: Context | None = None
    invocation: Invocation | None = None


@dataclass(frozen=True)
class HandedOver:
    """The process shuts down, so another one must continue the turn."""


End = TurnOutcome | ToolsWanted | HandedOver


class TurnRunner:
    def __init__(  # noqa: PLR0917 - wired once, in app
        self,
        store: Store,
        fence: AttemptFence,
        contexts: ContextBuilder,
        metering: InvocationRecorder,
        generation: Generation,
        finish_turn: FinishTurn,
        tool_calls: ToolCallDispatcher,
        titles: Titles,
        turn_queue: TurnQueue,
        leases: LeaseRenewer,
        broadcast: FrameBroadcast,
        tasks: TurnTasks,
        catalogue: Catalogue,
        settings: ChatSettings,
        clock: Clock,
    ) -> None:
        self._store = store
        self._fence = fence
        self._contexts = contexts
        self._metering = metering
        self._generation = generation
        self._finish_turn = finish_turn
        self._tool_calls = tool_calls
        self._titles = titles
        self._turn_queue = turn_queue
        self._leases = leases
        self._broadcast = broadcast
        self._tasks = tasks
        self._catalogue = catalogue
        self._settings = settings
        self._clock = clock
        self._draining = False

    def start(self, run: TurnRun) -> "asyncio.Task[None]":
        """Run the turn in a task; it runs on when its readers disconnect."""
        turn = run.held.turn
        broadcast = self._broadcast.open(turn.id)
        broadcast.publish_all(run.held.frames)
        return self._tasks.start(self._run_traced(run, broadcast), turn.id)

    @property
    def capacity(self) -> int:
        """How many more turns this process may run; 0 once it drains."""
        return 0 if self._draining else self._tasks.free

    async def drain(self) -> None:
        """Accept no more turns; let running ones end within `drain_s`, then hand them over."""
        self._draining = True
        await self.finish_or_hand_over(self._settings.drain_s)

    async def finish_or_hand_over(self, seconds: float) -> None:
        """Let running turns and titles end within `seconds`, then hand the rest over to other processes."""
        await self._tasks.wait(seconds)
        self._leases.hand_over()
        await self._tasks.wait(self._settings.hand_over_s)
        await self._tasks.cancel()  # the watchdog has the turns resumed

    async def _run_traced(self, run: TurnRun, broadcast: TurnBroadcast) -> None:
        turn = run.held.turn
        names: dict[str, Value] = {"colloquy.turn.id": turn.id, "colloquy.turn.attempt": turn.attempt}
        with entry_span("turn", "internal", turn.traceparent, names):
            await self._run(run, broadcast)

    async def _run(self, run: TurnRun, broadcast: TurnBroadcast) -> None:
        turn = run.held.turn
        lease = self._leases.hold(turn)
        try:
            model = self._catalogue.find(turn.model)
            if model is None or turn.cancel_requested or run.held.is_erased:
                frames = await self._finish_without_answer(run.held)
            else:
                held = await self._begin(run.held, model, broadcast)
                frames = await self._answer(replace(run, held=held), model, broadcast, lease)
            broadcast.publish_all(frames)
        except FencedError:
            _log.info("turn.lost", turn_id=turn.id, attempt=turn.attempt)  # another process has taken it over
        finally:
            self._leases.release(lease)
            self._broadcast.close(broadcast)

    async def _finish_without_answer(self, held: HeldTurn) -> Sequence[Frame]:
        """End a turn that was cancelled or erased before it ran here, or whose model is no longer offered."""
        cancelled = held.turn.cancel_requested or held.is_erased
        outcome = TurnOutcome("cancelled") if cancelled else TurnOutcome.failed(held.turn, "model-not-found")
        return await self._finish_turn.finish_held(held, outcome)

    async def _begin(self, held: HeldTurn, model: Model, broadcast: TurnBroadcast) -> HeldTurn:
        """Let no earlier attempt write from here on."""
        if held.frames:
            return held
        held = await self._fence.put(held, model)
        broadcast.publish_all(held.frames)
        if held.was_interrupted:
            _log.warning(
                "turn.taken_over", turn_id=held.turn.id, attempt=held.turn.attempt, takeovers=held.turn.takeovers
            )
        return held

    async def _answer(self, run: TurnRun, model: Model, broadcast: TurnBroadcast, lease: HeldLease) -> Sequence[Frame]:
        """Have the model answer, and end this run; returns the frames of the transaction that ended it."""
        held, turn = run.held, run.held.turn
        writer = FrameWriter(turn, self._store.log, broadcast, held.progress.seq)
        answer = AnswerBuilder(held.progress, run.invocation)
        title = self._titles.begin(held)
        writing = asyncio.create_task(writer.run())
        try:
            try:
                end = await self._race(turn, self._work(run, model, answer, writer), writing, lease)
            finally:
                invocations = [*held.invocations, *answer.refused, *await self._settle(answer)]
            if isinstance(end, TurnOutcome):
                record = answer.record or held.record
                end = replace(end, content=answer.content(), usage=total(invocations), record=record)
                if end.state == "completed":
                    end = replace(end, title=await self._titles.find(turn, title))
            writer.close()
            await _flush(writer, writing)
        finally:
            writing.cancel()
        self._leases.release(lease)
        match end:
            case TurnOutcome():
                return await self._finish_turn.finish(turn, end, writer.seq)
            case ToolsWanted():
                return await self._tool_calls.dispatch(turn, answer, writer.seq)
            case HandedOver():
                await self._hand_over(turn)
                return ()

    async def _work(
        self, run: TurnRun, model: Model, answer: AnswerBuilder, writer: FrameWriter
    ) -> TurnOutcome | ToolsWanted:
        """Everything that may take long. It can be cancelled at any point."""
        turn = run.held.turn
        draft = _draft(run.held, model)
        try:
            context = run.context or await self._contexts.build(draft, run.held.record, writer)
            while True:
                answer.record = context.record
                if answer.invocation is None:
                    answer.invocation = self._metering.new(turn.invocation_context, model, "answer", context.prompt)
                    await _uninterrupted(self._metering.open(answer.invocation))
                end = await self._generation.run(turn, model, context, answer.invocation, answer, writer)
                if answer.has_begun or not isinstance(end, TurnOutcome) or not end.problem:
                    return end
                narrower = await self._contexts.narrow(draft, context, end.problem.slug, writer)
                if narrower is None:
                    return end
                answer.refused += await self._settle(answer)
                answer.invocation, context = None, narrower
        except Problem as error:
            return TurnOutcome.failed(turn, error.slug, error.detail)
        except (FencedError, *AWS_ERRORS):
            raise  # another process has taken the turn over, or will
        except Exception as error:  # noqa: BLE001 - an error of a stage or of the model must not last for ever
            _log.error("turn.failed", turn_id=turn.id, exc_info=error)
            return TurnOutcome.failed(turn, "internal-error")

    async def _race(
        self,
        turn: Turn,
        work: Coroutine[Any, Any, TurnOutcome | ToolsWanted],
        writing: "asyncio.Task[None]",
        lease: HeldLease,
    ) -> End:
        """Work until it ends, the log refuses a frame, the lease is stopped or the deadline passes.

        Raises FencedError when this process has lost the turn, and the error that ended `writing`.
        """
        working = asyncio.create_task(work)
        left_s = (turn.deadline - epoch_millis(self._clock.now())) / 1000
        if left_s <= 0:  # it waited in the queue past its deadline: the model must not be called any more
            working.cancel()
        ends: set[asyncio.Future[Any]] = {working, writing, lease.stopped}
        try:
            await asyncio.wait(ends, timeout=max(0, left_s), return_when=asyncio.FIRST_COMPLETED)
        finally:
            working.cancel()
            await asyncio.wait({working})
        if writing.done():
            writing.result()  # raises the error that ended it
        stopped = lease.stopped.result() if lease.stopped.done() else None
        if stopped == "lost":
            raise FencedError(turn.id)
        if stopped == "cancelled":
            return TurnOutcome("cancelled")
        if not working.cancelled():
            return working.result()
        return HandedOver() if stopped == "handed over" else TurnOutcome.failed(turn, "turn-timed-out")

    async def _settle(self, answer: AnswerBuilder) -> Sequence[Invocation]:
        """Settle the call's invocation, if there is one, however the call ended."""
        if answer.invocation is None:
            return ()
        settled = await self._metering.settle_call(
            answer.invocation, answer.usage, answer.raw_text(), began=answer.has_begun
        )
        return (settled,)

    async def _hand_over(self, turn: Turn) -> None:
        if await self._store.turns.hand_over(turn.id, turn.attempt):
            await self._turn_queue.enqueue(turn.id)
            _log.info("turn.handed_over", turn_id=turn.id, attempt=turn.attempt)


def _draft(held: HeldTurn, model: Model) -> ContextDraft:
    question = held.question
    assert question is not None  # noqa: S101 - the runner only ends what is erased
    return ContextDraft(
        held.turn, model, question, held.branch, rounds=held.progress.rounds, partial_text=held.progress.partial_text
    )


async def _uninterrupted(awaited: Coroutine[Any, Any, None]) -> None:
    """Let the coroutine end even if this task is cancelled meanwhile."""
    task = asyncio.create_task(awaited)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


async def _flush(writer: FrameWriter, writing: "asyncio.Task[None]") -> None:
    """Wait until every accepted frame is in the log. Raises the error that ended `writing` instead."""
    flushed = asyncio.create_task(writer.flushed())
    try:
        await asyncio.wait({flushed, writing}, return_when=asyncio.FIRST_COMPLETED)
        if writing.done():
            writing.result()
    finally:
        flushed.cancel()
