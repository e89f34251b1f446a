"""Stage: the branch up to the question, cut to the model's context window."""

from contextlib import aclosing

from services.chat.context.prompt_window import PromptWindow, round_messages
from services.chat.context.stage import ContextDraft, Frames, Stage
from services.chat.domain import Message
from services.chat.tables import BranchReader
from shared.llm.port import PromptMessage


class History(Stage):
    def __init__(self, max_output_tokens: int) -> None:
        self._max_output_tokens = max_output_tokens

    async def decide(self, draft: ContextDraft, frames: Frames | None) -> None:  # noqa: ARG002 - writes none
        draft.record.history_from = await self._read(draft, None)

    async def repeat(self, draft: ContextDraft) -> None:
        await self._read(draft, draft.record.history_from)

    async def _read(self, draft: ContextDraft, oldest: str | None) -> str | None:
        """Make the prompt; return where the history was cut."""
        continuation = round_messages(draft.rounds)
        if draft.partial_text.strip():
            continuation.append(PromptMessage.of_text("assistant", draft.partial_text.rstrip()))
        window = PromptWindow(
            draft.model, self._max_output_tokens, tools=bool(draft.record.tools), continuation=continuation
        )
        cut = await fill(window, draft.question, draft.branch, oldest)
        draft.prompt = window.prompt()
        return cut


async def fill(window: PromptWindow, question: Message, branch: BranchReader, oldest: str | None = None) -> str | None:
    """Add the question and its ancestors, the parent first, until the window is full or `oldest` is added.

    Returns the id of the message with which it became full; None if it did not.
    """
    window.add(question)
    last = question.id
    async with aclosing(branch.ancestors(question)) as ancestors:
        while not window.is_full and last != oldest and (message := await anext(ancestors, None)):
            window.add(message)
            last = message.id
    return last if window.is_full else None
