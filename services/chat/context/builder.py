"""Context builder: what the model is asked, decided once for a turn and repeated in its later requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.chat.context.stage import ContextDraft, Frames, Stage
from services.chat.domain import ContextRecord, Turn
from services.chat.domain.request_level import narrower
from services.chat.tables import FencedError, Store
from shared.llm.port import PromptMessage
from shared.persistence.transactions import Conflict
from shared.persistence.unit_of_work import UnitOfWork

_LONG_CHARS: Final = 32_000


@dataclass(frozen=True)
class Context:
    """What the model is asked."""

    record: ContextRecord
    prompt: Sequence[PromptMessage]

    @property
    def is_long(self) -> bool:
        """Whether the prompt is so long that a first question with it is likely to be followed by another."""
        return sum(len(message.text) for message in self.prompt) >= _LONG_CHARS


class ContextBuilder:
    def __init__(self, store: Store, stages: Sequence[Stage]) -> None:
        self._store = store
        self._stages = stages

    def waits(self, turn: Turn) -> bool:
        """Whether a stage waits for somebody, so that the context is built while the turn runs."""
        return any(stage.waits(turn) for stage in self._stages)

    async def build_in(self, uow: UnitOfWork, draft: ContextDraft) -> Context:
        """Build the context of a turn that is about to start and for which no stage waits; store it with the turn.

        A record that says nothing is not stored: deciding again, as without a record, gives the same.
        """
        await self._decide(draft, None)
        if draft.record != ContextRecord():
            uow.put("context", self._store.contexts.put_new(draft.turn.id, draft.record))
        return Context(draft.record, draft.prompt)

    async def build(self, draft: ContextDraft, recorded: ContextRecord | None, frames: Frames) -> Context:
        """Build the context of a turn that runs: as it is `recorded`, else store its record before the model is asked.

        Raises FencedError when another process has taken the turn over meanwhile, and what the stages raise.
        """
        if recorded:
            return await self._repeat(draft, recorded)
        await self._decide(draft, frames)
        uow = self._store.begin()
        uow.put("turn", self._store.turns.check_runs(draft.turn))
        uow.put("context", self._store.contexts.put_new(draft.turn.id, draft.record))
        try:
            await uow.commit()
        except Conflict as conflict:
            stored = await self._store.contexts.get(draft.turn.id)
            if "turn" in conflict.names or stored is None:
                raise FencedError(draft.turn.id) from None
            return await self._repeat(draft, stored)  # of an attempt that has lost the turn since
        return Context(draft.record, draft.prompt)

    async def narrow(self, draft: ContextDraft, refused: Context, slug: str, frames: Frames) -> Context | None:
        """Build a narrower context after the model refused this one as `slug` says; None if there is none.

        The level is stored, so that later requests of the turn have it, too. Raises FencedError as `build`.
        """
        level = narrower(slug, refused.record.narrowed)
        while level:
            record = refused.record.model_copy(update={"narrowed": level})
            context = await self._repeat(draft, record)
            if _differs(context, refused, thinks=draft.turn.thinks):
                await self._replace_record(draft)
                frames.frame("turn.narrowed", {"level": level})
                return context
            level = narrower(slug, level)
        return None

    async def _replace_record(self, draft: ContextDraft) -> None:
        uow = self._store.begin()
        uow.put("turn", self._store.turns.check_runs(draft.turn))
        uow.put("context", self._store.contexts.put(draft.turn.id, draft.record))
        try:
            await uow.commit()
        except Conflict:
            raise FencedError(draft.turn.id) from None

    async def _decide(self, draft: ContextDraft, frames: Frames | None) -> None:
        for stage in self._stages:
            await stage.decide(draft, frames)

    async def _repeat(self, draft: ContextDraft, record: ContextRecord) -> Context:
        draft.record = record
        for stage in self._stages:
            await stage.repeat(draft)
        return Context(record, draft.prompt)


def _differs(context: Context, other: Context, *, thinks: bool) -> bool:
    """Whether the two make different requests."""
    if thinks and context.record.is_plain != other.record.is_plain:
        return True
    return (context.prompt, context.record.offered_tools) != (other.prompt, other.record.offered_tools)
