"""Starts a turn: everything that makes it true is written in one transaction, before a word is asked of a model."""

import asyncio
from dataclasses import dataclass
from typing import Final

from services.chat.adapters.tool_catalog import ToolCatalog, ToolsUnavailableError, UnknownToolError
from services.chat.adapters.turn_queue import TurnQueue
from services.chat.context.history import PromptWindow, read_prompt
from services.chat.domain import Conversation, Message, TextBlock, Turn, frame, plain_text
from services.chat.domain.stream_lease import Caller, StreamLease
from services.chat.events import ChatEvents
from services.chat.limits.concurrency import ConcurrencyLimits
from services.chat.llm.metering import InvocationRecorder
from services.chat.llm.port import ToolSpec
from services.chat.settings import ChatSettings
from services.chat.tables import BranchReader, Cancelled, Store
from services.chat.turns.execution import TitleTask, TurnExecution
from services.chat.turns.leases import LeaseRenewer
from shared.catalogue import Catalogue, Model, UnknownModelError
from shared.clock import Clock, epoch_millis
from shared.events.envelope import Envelope
from shared.http import Problem, problem
from shared.identity import Principal
from shared.ids import Ids
from shared.persistence.idempotency import IdempotentRequest, KeyReusedError
from shared.persistence.transactions import Write
from shared.telemetry import current_traceparent

LATEST: Final = "latest"
"""The parent of a message that names none: the conversation's latest one."""


@dataclass(frozen=True)
class TurnRequest:
    """What somebody asks for. Exactly one of `content` (a new message) and `answer_to` (answer that one, again)."""

    principal: Principal
    conversation_id: str
    once: IdempotentRequest | None = None
    content: tuple[TextBlock, ...] = ()
    answer_to: str | None = None
    parent_id: str | None = LATEST
    model: str | None = None
    reasoning: bool = False
    tools: tuple[str, ...] = ()


@dataclass(frozen=True)
class StartedTurn:
    """The turn; its work, and a seat for its stream, unless it had been started by an earlier send."""

    turn: Turn
    work: TurnExecution | None
    seat: StreamLease | None = None


class StartTurn:
    def __init__(  # noqa: PLR0917 - wired once, in assembly
        self,
        store: Store,
        summons: TurnQueue,
        seating: ConcurrencyLimits,
        paying: InvocationRecorder,
        keeper: LeaseRenewer,
        teller: ChatEvents,
        toolbox: ToolCatalog,
        catalogue: Catalogue,
        settings: ChatSettings,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._store = store
        self._summons = summons
        self._seating = seating
        self._paying = paying
        self._keeper = keeper
        self._teller = teller
        self._toolbox = toolbox
        self._catalogue = catalogue
        self._settings = settings
        self._clock = clock
        self._ids = ids

    async def start(self, ask: TurnRequest, *, here: bool) -> StartedTurn:
        """Start it once, however often it is asked. `here`: this process runs it; else whoever is summoned.

        Raises Problem: too-many-turns, too-many-streams, not-found, turn-in-progress, idempotency-key-reused,
        model-not-found, invalid-request.
        """
        if earlier := await self._earlier(ask):
            return StartedTurn(earlier, None)
        try:
            return await self._start(ask, here=here)
        except (Cancelled, Problem) as refused:
            if earlier := await self._earlier(ask):
                return StartedTurn(earlier, None)
            if isinstance(refused, Problem):
                raise
            raise problem("not-found") from None

    async def _earlier(self, ask: TurnRequest) -> Turn | None:
        """What an earlier send under the same key has started."""
        if ask.once is None:
            return None
        try:
            made = await self._store.idempotency.made(ask.once)
        except KeyReusedError:
            raise problem("idempotency-key-reused") from None
        return await self._store.turns.get(made) if made else None

    async def _start(self, ask: TurnRequest, *, here: bool) -> StartedTurn:
        turn_id = self._ids.new("turn")
        branch = self._store.messages.branch(ask.conversation_id)
        head, _, tools, _ = await asyncio.gather(
            self._store.conversations.get(ask.principal.subject, ask.conversation_id),
            _open(branch, ask),
            self._tools(ask),
            self._summons.watch(turn_id) if here else self._summons.run(turn_id),
        )
        if head is None or head.deleted_at:
            raise problem("not-found")
        model = self._model(ask, head)
        user_message, is_new = await self._user_message(ask, head, branch)
        is_first = user_message.parent_id is None
        turn = self._turn(ask, turn_id, user_message, model, here=here, first=is_first and not head.title)
        writes, told = await self._writes(ask, head, turn, user_message if is_new else None)
        if not here:
            await self._begin(turn, writes, told, stream=False)
            return StartedTurn(turn, None)
        window = PromptWindow(model, self._settings.max_output_tokens, tools=bool(tools))
        said = await read_prompt(window, user_message, branch.ancestors(user_message))
        invocation = self._paying.new(turn, model, "answer", said)
        opening, opened = self._paying.opening(invocation)
        begun = frame(1, "turn.started", turn.started_frame(), turn.attempt)
        writes += [opening, self._store.log.put(turn.id, begun)]
        seat = await self._begin(turn, writes, [*told, opened], stream=True)
        question = plain_text(user_message.content)
        title: TitleTask = "make" if turn.makes_title else None
        return StartedTurn(
            turn, TurnExecution(turn, model, said, invocation, question, [begun], tools, title=title), seat
        )

    async def _tools(self, ask: TurnRequest) -> list[ToolSpec]:
        try:
            return await self._toolbox.specs(ask.tools) if ask.tools else []
        except UnknownToolError as unknown:
            raise problem("tool-not-found", f"No tool is called {unknown.name}.") from None
        except ToolsUnavailableError:
            raise problem("tools-unavailable") from None

    async def _begin(
        self, turn: Turn, writes: list[Write], told: list[Envelope], *, stream: bool
    ) -> StreamLease | None:
        async def commit(counted: Write) -> None:
            await self._store.commit([counted, *writes], told)

        return await self._seating.begin(Caller.of_turn(turn), turn.id, commit, stream=stream)

    def _model(self, ask: TurnRequest, head: Conversation) -> Model:
        model = choose_model(self._catalogue, ask.model, head.model, self._settings.default_model)
        if ask.tools and not model.capabilities.tools:
            raise problem("model-without-tools", f"{model.name} calls no tools.")
        return model

    async def _user_message(self, ask: TurnRequest, head: Conversation, branch: BranchReader) -> tuple[Message, bool]:
        if ask.answer_to is not None:
            message = await branch.find(ask.answer_to)
            if message is None or message.role != "user":
                raise problem("not-found")
            await self._refuse_if_running(head, message.id)
            return message, False
        parent_id = head.last_message_id if ask.parent_id == LATEST else ask.parent_id
        if parent_id is not None:
            await self._refuse_if_running(head, parent_id)
            if await branch.role_of(parent_id) != "assistant":
                if ask.parent_id == LATEST:  # its turn ended between two of our reads
                    raise problem("turn-in-progress")
                raise problem("not-found", "The parent is not an answer of this conversation.")
        message = Message(
            id=self._ids.new("msg"),
            conversation_id=head.id,
            parent_id=parent_id,
            role="user",
            content=list(ask.content),
            created_at=self._clock.now(),
        )
        return message, True

    async def _refuse_if_running(self, head: Conversation, message_id: str) -> None:
        running = await self._store.turns.get_many(head.running_turns)
        if any(message_id in {turn.message_id, turn.user_message_id} and not turn.ended for turn in running):
            raise problem("turn-in-progress")

    def _turn(
        self, ask: TurnRequest, turn_id: str, user_message: Message, model: Model, *, here: bool, first: bool
    ) -> Turn:
        now = self._clock.now()
        return Turn(
            id=turn_id,
            conversation_id=ask.conversation_id,
            owner_id=ask.principal.subject,
            principal_kind=ask.principal.kind,
            user_message_id=user_message.id,
            message_id=self._ids.new("msg"),
            model=model.id,
            reasoning=ask.reasoning,
            tools=list(ask.tools),
            makes_title=first,
            attempt=1 if here else 0,
            lease_until=self._keeper.lease_until() if here else 0,
            deadline=epoch_millis(now) + round(self._settings.turn_deadline_s * 1000),
            created_at=now,
            traceparent=current_traceparent(),
        )

    async def _writes(
        self, ask: TurnRequest, head: Conversation, turn: Turn, new_message: Message | None
    ) -> tuple[list[Write], list[Envelope]]:
        writes = [
            self._store.conversations.turn_started(head, turn.id, turn.user_message_id, turn.model, turn.created_at)
        ]
        if ask.once is not None:
            writes.append(self._store.idempotency.put_new(ask.once, turn.id))
        writes.append(self._store.turns.put_new(turn))
        if new_message:
            writes.append(await self._store.messages.put_new(new_message))
        return writes, [self._teller.turn_started(turn)]


async def _open(branch: BranchReader, ask: TurnRequest) -> None:
    """Read the page that the message to answer, or the parent, is on, without waiting for the conversation's head.

    The latest message is nearly always the newest one. A message that begins anew needs no page.
    """
    if ask.answer_to is not None:
        await branch.open(ask.answer_to)
    elif ask.parent_id == LATEST:
        await branch.open()
    elif ask.parent_id is not None:
        await branch.open(ask.parent_id)


def choose_model(catalogue: Catalogue, *wishes: str | None) -> Model:
    """The first wish, which must be offered; later ones are only used while they are, and then whatever is first."""
    asked, *fallbacks = wishes
    if asked is not None:
        try:
            return catalogue.get(asked)
        except UnknownModelError:
            raise problem("model-not-found", "No such model is offered here.") from None
    for wish in fallbacks:
        if wish is not None and wish in catalogue:
            return catalogue.get(wish)
    first = next(iter(catalogue), None)
    if first is None:
        raise problem("model-not-found", "This installation offers no model.")
    return first
