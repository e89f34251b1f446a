"""Stage: the branch up to the question, cut to the model's context window."""

from contextlib import aclosing
from typing import Final

from services.chat.context.prompt_window import PromptWindow, round_messages
from services.chat.context.stage import ContextDraft, Frames, Stage
from services.chat.domain import Message
from services.chat.tables import BranchReader
from shared.llm.port import PromptMessage

_SHORTER: Final = 0.6
"""The share of the window that a shorter prompt may fill: an estimate may be wrong by a third."""


class History(Stage):
    def __init__(self, max_output_tokens: int) -> None:
        self._max_output_tokens = max_output_tokens

    async def decide(self, draft: ContextDraft, frames: Frames | None) -> None:  # noqa: ARG002 - writes none
        draft.record.history_from = await self._read(draft)

    async def repeat(self, draft: ContextDraft) -> None:
        cut = await self._read(draft)
        if draft.record.narrowed == "shorter" and cut:  # at its first time; later ones end where the record says
            draft.record.history_from = cut

    async def _read(self, draft: ContextDraft) -> str | None:
        """Make the prompt; return where the history was cut."""
        record = draft.record
        continuation = [] if record.is_plain else round_messages(draft.rounds)
        if draft.partial_text.strip():
            continuation.append(PromptMessage.of_text("assistant", draft.partial_text.rstrip()))
        window = PromptWindow(
            draft.model,
            self._max_output_tokens,
            tools=bool(record.offered_tools),
            continuation=continuation,
            share=_SHORTER if record.narrowed == "shorter" else 1,
        )
        oldest = draft.question.id if record.narrowed == "alone" else record.history_from
        await fill(window, draft.question, draft.branch, oldest)
        draft.prompt = window.prompt()
        return window.cut


async def fill(window: PromptWindow, question: Message, branch: BranchReader, oldest: str | None = None) -> None:
    """Add the question and its ancestors, the parent first, until the window is full or `oldest` is added.

    A question that this model refused is left out, with its empty answer. Before an answer that this model gave to a
    narrowed request, nothing is added that was left out there.
    """
    window.add(question)
    last, refused_id = question.id, None
    async with aclosing(branch.ancestors(question)) as ancestors:
        while not window.is_full and last != oldest and (message := await anext(ancestors, None)):
            last = message.id
            is_of_model = message.model == window.model.id
            if is_of_model and message.was_refused:
                refused_id = message.parent_id
            elif message.id != refused_id:
                if is_of_model and message.narrowed:
                    oldest = _boundary(message, window) or oldest
                window.add(message)


def _boundary(answer: Message, window: PromptWindow) -> str | None:
    """The oldest message to add, from an answer to a narrowed request on."""
    if answer.narrowed != "shorter":
        window.leave_out_tools()
    match answer.narrowed:
        case "alone":
            return answer.parent_id
        case "shorter":
            return answer.history_from
        case _:
            return None
