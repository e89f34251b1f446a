"""The fence of an attempt: its first frames. Once they are in the log, no earlier attempt can write.

If the model can continue a partial answer, it does (`turn.resumed`). Else the answer starts again after the last tool
round (`turn.restarted`), and readers drop what came since then.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from services.chat.domain import Frame, ReasoningBlock, frame
from services.chat.domain.frames import FrameEvent
from services.chat.leases.claim import TurnClaims
from services.chat.leases.held_turn import HeldTurn
from services.chat.tables import FencedError, Store
from shared.catalogue import Model

_ATTEMPTS: Final = 5  # the previous runner may write one frame in between, hardly five
FrameDraft = tuple[FrameEvent, dict[str, Any]]


class AttemptFence:
    def __init__(self, store: Store, claims: TurnClaims) -> None:
        self._store = store
        self._claims = claims

    async def put(self, held: HeldTurn, model: Model) -> HeldTurn:
        """Put the first frames of a claimed turn's attempt; returns it with them, and with its progress after them.

        When the previous runner has written meanwhile, tries again after its frames. Raises FencedError when another
        process has claimed the turn.
        """
        for _ in range(_ATTEMPTS):
            drafts = _first_frames(held, model)
            frames = [
                frame(seq, event, data, held.turn.attempt)
                for seq, (event, data) in enumerate(drafts, start=held.progress.seq + 1)
            ]
            if await self._append(held.turn.id, frames):
                return replace(held, frames=frames, progress=held.progress.after(frames))
            refreshed = await self._claims.refresh(held)
            if refreshed is None:
                break
            held = refreshed
        raise FencedError(held.turn.id)

    async def _append(self, turn_id: str, frames: Sequence[Frame]) -> bool:
        """Whether all of them are in the log now."""
        try:
            for each in frames:
                await self._store.log.append(turn_id, each)
        except FencedError:
            return False
        return True


def _first_frames(held: HeldTurn, model: Model) -> list[FrameDraft]:
    """The first frames of this attempt, at least one."""
    progress, turn = held.progress, held.turn
    if not progress.seq:
        return [("turn.started", turn.started_frame())]
    drafts: list[FrameDraft] = [
        ("tool.result", result.model_dump(mode="json", exclude={"type"}))
        for each in progress.rounds
        for result in each.results()
        if result.call_id not in progress.logged_results
    ]
    if not drafts or held.was_interrupted:
        drafts.append(_takeover_frame(held, model))
    return drafts


def _takeover_frame(held: HeldTurn, model: Model) -> FrameDraft:
    attempt = held.turn.attempt
    if not held.progress.partial or _can_continue(held, model):
        return "turn.resumed", {"attempt": attempt}
    lost = held.previous is not None and held.previous.has_lease
    return "turn.restarted", {"attempt": attempt, "reason": "runner-lost" if lost else "handed-over"}


def _can_continue(held: HeldTurn, model: Model) -> bool:
    """Whether the model can continue the partial text. Not after reasoning: it would reason a second time."""
    reasoned = held.turn.thinks or any(isinstance(block, ReasoningBlock) for block in held.progress.partial)
    return bool(held.progress.partial_text.strip()) and model.capabilities.prefill and not reasoned
