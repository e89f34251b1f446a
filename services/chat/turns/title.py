"""Titles: a conversation is named after its first question, by a task beside the first answer.

The task stores the title; the runner that finishes the turn tells it to the readers.
"""

import asyncio
from contextlib import aclosing
from typing import Final

import structlog

from services.chat.domain import Turn, plain_text
from services.chat.events import ChatEvents
from services.chat.leases.held_turn import HeldTurn
from services.chat.settings import ChatSettings
from services.chat.tables import Store
from services.chat.turns.tasks import TurnTasks
from shared.catalogue import Catalogue, Model, Usage
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


class Titles:
    def __init__(  # noqa: PLR0917 - wired once, in app
        self,
        store: Store,
        models: ModelPort,
        metering: InvocationRecorder,
        events: ChatEvents,
        tasks: TurnTasks,
        catalogue: Catalogue,
        settings: ChatSettings,
    ) -> None:
        self._store = store
        self._models = models
        self._metering = metering
        self._events = events
        self._tasks = tasks
        self._catalogue = catalogue
        self._settings = settings

    def begin(self, held: HeldTurn) -> "asyncio.Task[str | None] | None":
        """Begin to generate the title, if the turn makes one. Its task outlives the turn.

        After tools it does not: the earlier run's task still generates it, maybe in another process.
        """
        turn, head = held.turn, held.head
        if not turn.makes_title or head is None or head.title_source != "default" or held.has_waited_for_tools:
            return None
        question = plain_text(held.question.content) if held.question else ""
        model = self._title_model(turn)
        return self._tasks.start(self._generate(turn, question, model), f"title of {turn.id}")

    def _title_model(self, turn: Turn) -> Model:
        """The model of titles; the answer's own model if there is none, or if it is no longer offered."""
        name = self._settings.title_model
        return (self._catalogue.find(name) if name else None) or self._catalogue.get(turn.model)

    async def find(self, turn: Turn, task: "asyncio.Task[str | None] | None") -> str | None:
        """Return the title to tell at the end of the turn; None if there is none, or none yet.

        Waits for this run's task for at most the setting `title_wait_s`.
        """
        if not turn.makes_title:
            return None
        if task:
            done, _ = await asyncio.wait({task}, timeout=self._settings.title_wait_s)
            return task.result() if done and not task.cancelled() and not task.exception() else None
        head = await self._store.conversations.get(turn.owner_id, turn.conversation_id)
        return head.title if head and head.title_source == "service" else None

    async def _generate(self, turn: Turn, question: str, model: Model) -> str | None:
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
            await self._metering.settle_call(invocation, usage, "".join(parts), began=began)
        return "".join(parts)


def clean(text: str) -> str:
    """The first line with content, without marks around it, at most 60 characters, cut between words if possible."""
    lines = (" ".join(line.split()).strip(_TRIMMED) for line in text.splitlines())
    line = next(filter(None, lines), "")
    if len(line) <= _TITLE_CHARS:
        return line
    cut = line[:_TITLE_CHARS].rpartition(" ")[0]
    return f"{(cut or line[: _TITLE_CHARS - 1]).rstrip(_TRIMMED)}…"
