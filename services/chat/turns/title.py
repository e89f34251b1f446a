"""The title of a conversation, made by the service from the first question, beside the first answer."""

from contextlib import aclosing
from typing import Final

import structlog

from services.chat.domain import Turn
from services.chat.events import ChatEvents
from services.chat.llm.metering import InvocationRecorder
from services.chat.llm.port import ModelFailedError, ModelPort, ModelRequest, PromptMessage, TextDelta, UsageReported
from services.chat.tables import Store
from shared.catalogue import Model, Usage
from shared.persistence.transactions import Conflict

_log: Final = structlog.get_logger()
_SYSTEM: Final = (
    "You name conversations. Answer with a title of at most six words for the message you are given, "
    "in the language of the message, without quotation marks and without a full stop."
)
_QUESTION_CHARS: Final = 2000
_TITLE_CHARS: Final = 60
_MAX_TOKENS: Final = 32
_TRIMMED: Final = " \t\"'“”«»*#.`:"


class TitleGenerator:
    def __init__(self, store: Store, models: ModelPort, paying: InvocationRecorder, teller: ChatEvents) -> None:
        self._store = store
        self._models = models
        self._paying = paying
        self._teller = teller

    async def make(self, turn: Turn, question: str, model: Model) -> str | None:
        """Name the turn's conversation; the title, or None when its owner was faster or it is gone.

        When the model fails, the question's first words have to do.
        """
        title = clean(await self._ask(turn, question, model)) or clean(question)
        head = await self._store.conversations.get(turn.owner_id, turn.conversation_id)
        if head is None or head.deleted_at or head.title_source != "default" or not title:
            return None
        renamed = head.renamed(title, "service")
        uow = self._store.begin()
        uow.put("conversation", self._store.conversations.renamed(renamed))
        uow.emit(self._teller.conversation_renamed(renamed))
        try:
            await uow.commit()
        except Conflict:
            return None
        return title

    async def made(self, turn: Turn) -> str | None:
        """The title that somebody has made for the turn's conversation meanwhile."""
        head = await self._store.conversations.get(turn.owner_id, turn.conversation_id)
        return head.title if head and head.title_source == "service" else None

    async def _ask(self, turn: Turn, question: str, model: Model) -> str:
        said = [PromptMessage.of_text("user", question[:_QUESTION_CHARS])]
        invocation = self._paying.new(turn, model, "title", said)
        await self._paying.open(invocation)
        words: list[str] = []
        usage: Usage | None = None
        began = False
        request = ModelRequest(invocation.id, model, said, system=_SYSTEM, max_output_tokens=_MAX_TOKENS)
        try:
            async with aclosing(self._models.converse(request)) as events:
                async for event in events:
                    began = True
                    if isinstance(event, TextDelta):
                        words.append(event.text)
                    elif isinstance(event, UsageReported):
                        usage = event.usage
        except ModelFailedError as error:
            _log.info("title.model_failed", problem=error.slug, turn_id=turn.id)
        finally:
            if usage:
                await self._paying.settle(invocation, usage, "reported")
            else:
                await self._paying.settle_by_estimate(invocation, "".join(words), began=began)
        return "".join(words)


def clean(text: str) -> str:
    """One line, no marks around it, at most 60 characters, cut between words where there are any."""
    lines = (" ".join(line.split()).strip(_TRIMMED) for line in text.splitlines())
    line = next(filter(None, lines), "")
    if len(line) <= _TITLE_CHARS:
        return line
    cut = line[:_TITLE_CHARS].rpartition(" ")[0]
    return f"{(cut or line[: _TITLE_CHARS - 1]).rstrip(_TRIMMED)}…"
