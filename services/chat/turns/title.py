"""Title generator: names a conversation after its first question, while the first answer is generated."""

from contextlib import aclosing
from typing import Final

import structlog

from services.chat.domain import Turn
from services.chat.events import ChatEvents
from services.chat.tables import Store
from shared.catalogue import Model, Usage
from shared.llm.metering import InvocationRecorder
from shared.llm.port import ModelFailedError, ModelPort, ModelRequest, PromptMessage, TextDelta, UsageReported
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
    def __init__(self, store: Store, models: ModelPort, metering: InvocationRecorder, events: ChatEvents) -> None:
        self._store = store
        self._models = models
        self._metering = metering
        self._events = events

    async def generate(self, turn: Turn, question: str, model: Model) -> str | None:
        """Generate and store the title; when the model fails, use the first words of the question.

        Returns None when the owner has chosen a title meanwhile, or the conversation is deleted.
        """
        title = clean(await self._call_model(turn, question, model)) or clean(question)
        head = await self._store.conversations.get(turn.owner_id, turn.conversation_id)
        if head is None or head.deleted_at or head.title_source != "default" or not title:
            return None
        renamed = head.renamed(title, "service")
        uow = self._store.begin()
        uow.put("conversation", self._store.conversations.renamed(renamed))
        uow.emit(self._events.conversation_renamed(renamed))
        try:
            await uow.commit()
        except Conflict:
            return None
        return title

    async def generated(self, turn: Turn) -> str | None:
        """The title that has been generated for the turn's conversation, if it still has that one."""
        head = await self._store.conversations.get(turn.owner_id, turn.conversation_id)
        return head.title if head and head.title_source == "service" else None

    async def _call_model(self, turn: Turn, question: str, model: Model) -> str:
        prompt = [PromptMessage.of_text("user", question[:_QUESTION_CHARS])]
        invocation = self._metering.new(turn.invocation_context, model, "title", prompt)
        await self._metering.open(invocation)
        parts: list[str] = []
        usage: Usage | None = None
        began = False
        request = ModelRequest(invocation.id, model, prompt, system=_SYSTEM, max_output_tokens=_MAX_TOKENS)
        try:
            async with aclosing(self._models.converse(request)) as events:
                async for event in events:
                    began = True
                    if isinstance(event, TextDelta):
                        parts.append(event.text)
                    elif isinstance(event, UsageReported):
                        usage = event.usage
        except ModelFailedError as error:
            _log.info("title.model_failed", problem=error.slug, turn_id=turn.id)
        finally:
            if usage:
                await self._metering.settle(invocation, usage, "reported")
            else:
                await self._metering.settle_by_estimate(invocation, "".join(parts), began=began)
        return "".join(parts)


def clean(text: str) -> str:
    """The first line with content, without marks around it, at most 60 characters, cut between words if possible."""
    lines = (" ".join(line.split()).strip(_TRIMMED) for line in text.splitlines())
    line = next(filter(None, lines), "")
    if len(line) <= _TITLE_CHARS:
        return line
    cut = line[:_TITLE_CHARS].rpartition(" ")[0]
    return f"{(cut or line[: _TITLE_CHARS - 1]).rstrip(_TRIMMED)}…"
