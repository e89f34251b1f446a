"""Readies a taken turn to go on: fences its log behind what was said, and asks the model for the rest.

What the model can continue from a prefilled answer is continued (`turn.resumed`); anything else begins anew behind the
last round (`turn.restarted`), and who reads along drops what was said since.
"""

from dataclasses import replace
from typing import Any, Final

from services.chat.context.history import PromptWindow, read_prompt, round_messages
from services.chat.domain import Frame, ReasoningBlock, TextBlock, frame, plain_text
from services.chat.domain.frames import FrameEvent
from services.chat.llm.metering import InvocationRecorder
from services.chat.llm.port import PromptMessage, ToolSpec
from services.chat.settings import ChatSettings
from services.chat.stream.replay import TurnProgress
from services.chat.tables import FencedError, Store
from services.chat.turns.claim import ClaimedTurn, TurnClaims
from services.chat.turns.execution import TitleTask, TurnExecution
from shared.catalogue import Model

_TRIES: Final = 5  # the runner before may say one frame more, hardly five
Speech = tuple[FrameEvent, dict[str, Any]]


class ResumeTurn:
    def __init__(self, store: Store, taking: TurnClaims, paying: InvocationRecorder, settings: ChatSettings) -> None:
        self._store = store
        self._taking = taking
        self._paying = paying
        self._settings = settings

    async def ready(self, taken: ClaimedTurn, model: Model, tools: list[ToolSpec]) -> TurnExecution:
        """Raises FencedError when somebody else has the turn by now. The user's message must exist."""
        question = taken.question
        assert question is not None  # noqa: S101 - the caller has seen that nothing is erased
        taken, begun = await self._fenced(taken, model)
        turn, progress = taken.turn, taken.progress
        going_on = _text(progress) if begun[-1].event == "turn.resumed" else ""
        continuation = round_messages(progress.rounds)
        if going_on.strip():
            continuation.append(PromptMessage.of_text("assistant", going_on.rstrip()))
        window = PromptWindow(model, self._settings.max_output_tokens, tools=bool(tools), continuation=continuation)
        said = await read_prompt(window, question, taken.branch.ancestors(question))
        invocation = self._paying.new(turn, model, "answer", said)
        await self._paying.open(invocation)
        return TurnExecution(
            turn=turn,
            model=model,
            said=said,
            invocation=invocation,
            question=plain_text(question.content),
            begun=begun,
            tools=tools,
            rounds=len(progress.rounds),
            before=progress.before,
            going_on=going_on,
            spent=taken.spent,
            title=_title(taken),
        )

    async def _fenced(self, taken: ClaimedTurn, model: Model) -> tuple[ClaimedTurn, list[Frame]]:
        """From the first of these frames on, nobody else's is taken. Tried again behind what came in between."""
        for _ in range(_TRIES):
            begun = [
                frame(place, event, data, taken.turn.attempt)
                for place, (event, data) in enumerate(_speeches(taken, model), start=taken.progress.seq + 1)
            ]
            try:
                for each in begun:
                    await self._store.log.append(taken.turn.id, each)
            except FencedError:
                progress = await self._taking.look_again(taken)
                if progress is None:
                    break
                taken = replace(taken, progress=progress)
            else:
                return taken, begun
        raise FencedError(taken.turn.id)


def _speeches(taken: ClaimedTurn, model: Model) -> list[Speech]:
    """What this attempt says first: at least one frame."""
    progress, turn = taken.progress, taken.turn
    if not progress.seq:
        return [("turn.started", turn.started_frame())]
    speeches: list[Speech] = [
        ("tool.result", result.model_dump(mode="json", exclude={"type"}))
        for each in progress.rounds
        for result in each.results()
        if result.call_id not in progress.told
    ]
    if not speeches or taken.broke_off:
        speeches.append(_going_on(taken, model))
    return speeches


def _going_on(taken: ClaimedTurn, model: Model) -> Speech:
    attempt = taken.turn.attempt
    partial = taken.progress.partial
    if not partial or (_text(taken.progress).strip() and model.capabilities.prefill and not taken.turn.reasoning):
        return "turn.resumed", {"attempt": attempt}
    reason = "runner-lost" if taken.seen.lease_until else "handed-over"
    return "turn.restarted", {"attempt": attempt, "reason": reason}


def _text(progress: TurnProgress) -> str:
    """What a model could continue: nothing once it has thought aloud, for it must not think twice."""
    if any(isinstance(block, ReasoningBlock) for block in progress.partial):
        return ""
    return "".join(block.text for block in progress.partial if isinstance(block, TextBlock))


def _title(taken: ClaimedTurn) -> TitleTask:
    """While a turn waits for its tools, whoever began it goes on making its title; it is told when the turn ends."""
    if not taken.turn.makes_title or taken.progress.named or taken.head is None:
        return None
    nameless = taken.head.title_source == "default"
    return "make" if nameless and taken.seen.state == "running" else "tell"
