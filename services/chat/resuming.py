"""Readies a taken turn to go on: fences its log behind what was said, and asks the model for the rest.

What the model can continue from a prefilled answer is continued (`turn.resumed`); anything else begins anew behind the
last round (`turn.restarted`), and who reads along drops what was said since.
"""

from dataclasses import replace
from typing import Any, Final

from services.chat.domain import Frame, ReasoningBlock, TextBlock, frame, plain_text
from services.chat.domain.frames import FrameEvent
from services.chat.model_events import Said, ToolSpec
from services.chat.paying import Paying
from services.chat.prompting import branch, prompt, rounds_said
from services.chat.retelling import SoFar
from services.chat.settings import ChatSettings
from services.chat.tables import FencedError, Store
from services.chat.taking import Taken, Taking
from services.chat.work import TitleDuty, Work
from shared.catalogue import Model

_TRIES: Final = 5  # the runner before may say one frame more, hardly five
Speech = tuple[FrameEvent, dict[str, Any]]


class Resuming:
    def __init__(self, store: Store, taking: Taking, paying: Paying, settings: ChatSettings) -> None:
        self._store = store
        self._taking = taking
        self._paying = paying
        self._settings = settings

    async def ready(self, taken: Taken, model: Model, tools: list[ToolSpec]) -> Work:
        """Raises FencedError when somebody else has the turn by now. The user's message must exist."""
        taken, begun = await self._fenced(taken, model)
        turn, so_far = taken.turn, taken.so_far
        going_on = _text(so_far) if begun[-1].event == "turn.resumed" else ""
        path = branch(taken.messages, taken.messages[turn.user_message_id])
        then = rounds_said(so_far.rounds)
        if going_on.strip():
            then.append(Said.words("assistant", going_on.rstrip()))
        said = prompt(path, model, self._settings.max_output_tokens, tools=bool(tools), then=then)
        invocation = self._paying.new(turn, model, "answer", said)
        await self._paying.open(invocation)
        return Work(
            turn=turn,
            model=model,
            said=said,
            invocation=invocation,
            question=plain_text(path[-1].content),
            begun=begun,
            tools=tools,
            rounds=len(so_far.rounds),
            before=so_far.before,
            going_on=going_on,
            spent=taken.spent,
            title=_title(taken),
        )

    async def _fenced(self, taken: Taken, model: Model) -> tuple[Taken, list[Frame]]:
        """From the first of these frames on, nobody else's is taken. Tried again behind what came in between."""
        for _ in range(_TRIES):
            begun = [
                frame(place, event, data, taken.turn.attempt)
                for place, (event, data) in enumerate(_speeches(taken, model), start=taken.so_far.seq + 1)
            ]
            try:
                for each in begun:
                    await self._store.log.append(taken.turn.id, each)
            except FencedError:
                so_far = await self._taking.look_again(taken)
                if so_far is None:
                    break
                taken = replace(taken, so_far=so_far)
            else:
                return taken, begun
        raise FencedError(taken.turn.id)


def _speeches(taken: Taken, model: Model) -> list[Speech]:
    """What this attempt says first: at least one frame."""
    so_far, turn = taken.so_far, taken.turn
    if not so_far.seq:
        return [("turn.started", turn.started_frame())]
    speeches: list[Speech] = [
        ("tool.result", result.model_dump(mode="json", exclude={"type"}))
        for each in so_far.rounds
        for result in each.results()
        if result.call_id not in so_far.told
    ]
    if not speeches or taken.broke_off:
        speeches.append(_going_on(taken, model))
    return speeches


def _going_on(taken: Taken, model: Model) -> Speech:
    attempt = taken.turn.attempt
    partial = taken.so_far.partial
    if not partial or (_text(taken.so_far).strip() and model.capabilities.prefill and not taken.turn.reasoning):
        return "turn.resumed", {"attempt": attempt}
    reason = "runner-lost" if taken.seen.lease_until else "handed-over"
    return "turn.restarted", {"attempt": attempt, "reason": reason}


def _text(so_far: SoFar) -> str:
    """What a model could continue: nothing once it has thought aloud, for it must not think twice."""
    if any(isinstance(block, ReasoningBlock) for block in so_far.partial):
        return ""
    return "".join(block.text for block in so_far.partial if isinstance(block, TextBlock))


def _title(taken: Taken) -> TitleDuty:
    """While a turn waits for its tools, whoever began it goes on making its title; it is told when the turn ends."""
    if not taken.turn.makes_title or taken.so_far.named or taken.head is None:
        return None
    nameless = taken.head.title_source == "default"
    return "make" if nameless and taken.seen.state == "running" else "tell"
