"""Turn runner: runs each turn in a task of its own, until it ends, waits for tools, or is handed over.

`ResumeTurn` prepares a claimed turn for a run: it fences the log after what is there and continues from that. If the
model can continue a partial answer, it does (`turn.resumed`). Else the answer starts again after the last tool round
(`turn.restarted`), and readers drop what came since then.
"""

import asyncio
from typing import Any, Final

import structlog

from services.chat.adapters.turn_queue import TurnQueue
from services.chat.context.history import PromptWindow, read_prompt, round_messages
from services.chat.domain import Frame, ReasoningBlock, TextBlock, Turn, frame, plain_text
from services.chat.domain.frames import FrameEvent
from services.chat.settings import ChatSettings
from services.chat.stream.broadcast import FrameBroadcast, TurnBroadcast
from services.chat.stream.replay import TurnProgress
from services.chat.stream.writer import FrameWriter
from services.chat.tables import FencedError, Store
from services.chat.turns.answer_builder import AnswerBuilder
from services.chat.turns.claim import ClaimedTurn, TurnClaims
from services.chat.turns.finish import FinishTurn, TurnOutcome
from services.chat.turns.generation import HANDED_OVER, Generation, TitleTask, ToolsWanted, TurnExecution
from services.chat.turns.leases import LeaseRenewer
from services.chat.turns.title import TitleGenerator
from services.chat.turns.tool_rounds import ToolCallDispatcher
from shared.catalogue import Catalogue, Model
from shared.llm.metering import InvocationRecorder
from shared.llm.port import PromptMessage, ToolSpec
from shared.telemetry.spans import Value, entry_span

_log: Final = structlog.get_logger()
_FENCE_ATTEMPTS: Final = 5  # the previous runner may write one frame in between, hardly five
FrameDraft = tuple[FrameEvent, dict[str, Any]]


class TurnRunner:
    def __init__(  # noqa: PLR0917 - wired once, in app
        self,
        store: Store,
        generation: Generation,
        finish_turn: FinishTurn,
        tool_calls: ToolCallDispatcher,
        turn_queue: TurnQueue,
        titles: TitleGenerator,
        leases: LeaseRenewer,
        broadcast: FrameBroadcast,
        catalogue: Catalogue,
        settings: ChatSettings,
    ) -> None:
        self._store = store
        self._generation = generation
        self._finish_turn = finish_turn
        self._tool_calls = tool_calls
        self._turn_queue = turn_queue
        self._titles = titles
        self._leases = leases
        self._broadcast = broadcast
        self._catalogue = catalogue
        self._settings = settings
        self._tasks: set[asyncio.Task[None]] = set()
        self._draining = False

    def start(self, execution: TurnExecution) -> asyncio.Task[None]:
        """Run the turn in a task; it runs on when its readers disconnect."""
        broadcast = self._broadcast.open(execution.turn.id)
        broadcast.publish_all(execution.frames)
        return self._track(asyncio.create_task(self._run_traced(execution, broadcast), name=execution.turn.id))

    @property
    def capacity(self) -> int:
        """How many more turns this process may run; 0 once it drains."""
        return 0 if self._draining else max(0, self._settings.turns_at_once - len(self._tasks))

    async def drain(self) -> None:
        """Accept no more turns; let running ones end within `drain_s`, then hand them over."""
        self._draining = True
        await self.finish_or_hand_over(self._settings.drain_s)

    async def finish_or_hand_over(self, seconds: float) -> None:
        """Let running turns end within `seconds`, then hand the rest over to other processes."""
        await self._wait(seconds)
        self._leases.hand_over()
        await self._wait(self._settings.hand_over_s)
        while self._tasks:  # cancelling a turn's task starts to track its title's; the watchdog resumes the turn
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _wait(self, seconds: float) -> None:
        """Wait until no task is left, also for titles whose turns end meanwhile, but at most `seconds`."""
        now = asyncio.get_running_loop().time
        ends_at = now() + seconds
        while self._tasks:
            await asyncio.wait(set(self._tasks), timeout=max(0, ends_at - now()))
            if now() >= ends_at:
                return

    def _track(self, task: asyncio.Task[None]) -> asyncio.Task[None]:
        self._tasks.add(task)
        task.add_done_callback(self._untrack)
        return task

    def _untrack(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("turn.crashed", task=task.get_name(), exc_info=error)

    async def _run_traced(self, execution: TurnExecution, broadcast: TurnBroadcast) -> None:
        turn = execution.turn
        names: dict[str, Value] = {"colloquy.turn.id": turn.id, "colloquy.turn.attempt": turn.attempt}
        with entry_span("turn", "internal", turn.traceparent, names):
            await self._run(execution, broadcast)

    async def _run(self, execution: TurnExecution, broadcast: TurnBroadcast) -> None:
        turn, answer = execution.turn, AnswerBuilder(execution.before, execution.prefill)
        lease = self._leases.hold(turn)
        writer = FrameWriter(turn, self._store.log, broadcast, execution.seq)
        writing = asyncio.create_task(writer.run())
        title = None
        if execution.title == "generate":
            title = asyncio.create_task(self._generate_title(execution, writer))
        try:
            end = await self._generation.run(execution, answer, writer, writing, lease)
            if end is None:
                return
            if isinstance(end, TurnOutcome) and end.state == "completed":
                await self._wait_for_title(execution, writer, title)
            writer.close()
            await _flush(writer, writing)
            self._leases.release(lease)
            if end is HANDED_OVER:
                await self._hand_over(turn)
            elif isinstance(end, ToolsWanted):
                calls = await self._tool_calls.dispatch(turn, execution.rounds + 1, answer, writer.seq)
                broadcast.publish_all(calls)
            elif isinstance(end, TurnOutcome):
                broadcast.publish_all(await self._finish_turn.finish(turn, end, writer.seq))
        except FencedError:
            _log.info("turn.lost", turn_id=turn.id, attempt=turn.attempt)  # another process has taken it over
        finally:
            writing.cancel()
            self._leases.release(lease)
            self._broadcast.close(broadcast)
            if title:
                self._track(title)

    async def _hand_over(self, turn: Turn) -> None:
        if await self._store.turns.hand_over(turn.id, turn.attempt):
            await self._turn_queue.enqueue(turn.id)
            _log.info("turn.handed_over", turn_id=turn.id, attempt=turn.attempt)

    async def _generate_title(self, execution: TurnExecution, writer: FrameWriter) -> None:
        title_model = self._settings.title_model
        model = self._catalogue.get(title_model) if title_model else execution.model
        if title := await self._titles.generate(execution.turn, execution.question, model):
            writer.frame("conversation.renamed", {"title": title})

    async def _wait_for_title(
        self, execution: TurnExecution, writer: FrameWriter, title: "asyncio.Task[None] | None"
    ) -> None:
        """Wait for the title for `title_wait_s`, or announce the one that an earlier run has generated."""
        if title:
            await asyncio.wait({title}, timeout=self._settings.title_wait_s)
        elif execution.title == "announce" and (generated := await self._titles.generated(execution.turn)):
            writer.frame("conversation.renamed", {"title": generated})


class ResumeTurn:
    def __init__(self, store: Store, claims: TurnClaims, metering: InvocationRecorder, settings: ChatSettings) -> None:
        self._store = store
        self._claims = claims
        self._metering = metering
        self._settings = settings

    async def prepare(self, claimed: ClaimedTurn, model: Model, tools: list[ToolSpec]) -> TurnExecution:
        """Fence the log, read the prompt and open the invocation. The question must not be erased.

        Raises FencedError when another process has claimed the turn.
        """
        question = claimed.question
        assert question is not None  # noqa: S101 - the caller has checked `is_erased`
        claimed, frames = await self._fence(claimed, model)
        turn, progress = claimed.turn, claimed.progress
        prefill = _prefill(progress) if frames[-1].event == "turn.resumed" else ""
        continuation = round_messages(progress.rounds)
        if prefill.strip():
            continuation.append(PromptMessage.of_text("assistant", prefill.rstrip()))
        window = PromptWindow(model, self._settings.max_output_tokens, tools=bool(tools), continuation=continuation)
        prompt = await read_prompt(window, question, claimed.branch.ancestors(question))
        invocation = self._metering.new(turn.invocation_context, model, "answer", prompt)
        await self._metering.open(invocation)
        return TurnExecution(
            turn=turn,
            model=model,
            prompt=prompt,
            invocation=invocation,
            question=plain_text(question.content),
            frames=frames,
            tools=tools,
            rounds=len(progress.rounds),
            before=progress.round_content,
            prefill=prefill,
            earlier_invocations=claimed.invocations,
            title=_title_task(claimed),
        )

    async def _fence(self, claimed: ClaimedTurn, model: Model) -> tuple[ClaimedTurn, list[Frame]]:
        """Put this attempt's first frames; afterwards no other attempt can write.

        When the previous runner has written meanwhile, tries again after its frames.
        """
        for _ in range(_FENCE_ATTEMPTS):
            frames = [
                frame(seq, event, data, claimed.turn.attempt)
                for seq, (event, data) in enumerate(_first_frames(claimed, model), start=claimed.progress.seq + 1)
            ]
            try:
                for each in frames:
                    await self._store.log.append(claimed.turn.id, each)
            except FencedError:
                refreshed = await self._claims.refresh(claimed)
                if refreshed is None:
                    break
                claimed = refreshed
            else:
                return claimed, frames
        raise FencedError(claimed.turn.id)


def _first_frames(claimed: ClaimedTurn, model: Model) -> list[FrameDraft]:
    """The first frames of this attempt, at least one."""
    progress, turn = claimed.progress, claimed.turn
    if not progress.seq:
        return [("turn.started", turn.started_frame())]
    drafts: list[FrameDraft] = [
        ("tool.result", result.model_dump(mode="json", exclude={"type"}))
        for each in progress.rounds
        for result in each.results()
        if result.call_id not in progress.logged_results
    ]
    if not drafts or claimed.was_interrupted:
        drafts.append(_takeover_frame(claimed, model))
    return drafts


def _takeover_frame(claimed: ClaimedTurn, model: Model) -> FrameDraft:
    attempt = claimed.turn.attempt
    can_continue = _prefill(claimed.progress).strip() and model.capabilities.prefill and not claimed.turn.reasoning
    if not claimed.progress.partial or can_continue:
        return "turn.resumed", {"attempt": attempt}
    reason = "runner-lost" if claimed.previous.has_lease else "handed-over"
    return "turn.restarted", {"attempt": attempt, "reason": reason}


def _prefill(progress: TurnProgress) -> str:
    """The partial text for a model to continue; empty after reasoning, because the model would reason a second time."""
    if any(isinstance(block, ReasoningBlock) for block in progress.partial):
        return ""
    return "".join(block.text for block in progress.partial if isinstance(block, TextBlock))


def _title_task(claimed: ClaimedTurn) -> TitleTask:
    """While a turn waits for tools, its earlier runner still generates the title; so it is only announced here."""
    if not claimed.turn.makes_title or claimed.progress.has_title or claimed.head is None:
        return None
    untitled = claimed.head.title_source == "default"
    return "generate" if untitled and claimed.previous.state == "running" else "announce"


async def _flush(writer: FrameWriter, writing: "asyncio.Task[None]") -> None:
    """Wait until every accepted frame is in the log. Raises the error that ended `writing` instead."""
    flushed = asyncio.create_task(writer.flushed())
    try:
        await asyncio.wait({flushed, writing}, return_when=asyncio.FIRST_COMPLETED)
        if writing.done():
            writing.result()
    finally:
        flushed.cancel()
