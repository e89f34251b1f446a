"""Starts a turn: writes all of its initial state in one transaction, before the model is called."""

import asyncio
from dataclasses import dataclass
from typing import Final

from services.chat.adapters.tool_catalog import ToolCatalog
from services.chat.adapters.turn_queue import TurnQueue
from services.chat.context.builder import ContextBuilder
from services.chat.context.stage import ContextDraft
from services.chat.domain import NEVER_RUN, NO_LEASE, Conversation, Message, TextBlock, ToolOffer, Turn, frame
from services.chat.domain.stream_lease import Caller, StreamLease
from services.chat.events import ChatEvents
from services.chat.leases.held_turn import HeldTurn
from services.chat.leases.renewer import LeaseRenewer
from services.chat.limits.concurrency import ConcurrencyLimits
from services.chat.settings import ChatSettings
from services.chat.stream.replay import TurnProgress
from services.chat.tables import BranchReader, Store
from services.chat.turns.runner import TurnRun
from shared.catalogue import Catalogue, EffortLevel, Model, UnknownModelError
from shared.clock import Clock, epoch_millis
from shared.identity import Principal
from shared.ids import Ids
from shared.llm.metering import InvocationRecorder
from shared.persistence.requests import IdempotentRequest
from shared.persistence.transactions import Conflict
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import problem
from shared.telemetry import current_traceparent

LATEST: Final = "latest"
"""As a parent: the latest message of the conversation."""


@dataclass(frozen=True)
class TurnRequest:
    """A request for a turn, with either `content` (a new message) or `answer_to` (a message to answer again)."""

    principal: Principal
    conversation_id: str
    idempotency: IdempotentRequest | None = None
    content: tuple[TextBlock, ...] = ()
    answer_to: str | None = None
    parent_id: str | None = LATEST
    model: str | None = None
    reasoning: bool = False
    effort: EffortLevel | None = None
    tools: tuple[str, ...] = ()


@dataclass(frozen=True)
class StartedTurn:
    """A started turn. Only if this process is to run it, it has a run, and a lease for its stream."""

    turn: Turn
    run: TurnRun | None
    stream_lease: StreamLease | None = None


class StartTurn:
    def __init__(  # noqa: PLR0917 - wired once, in app
        self,
        store: Store,
        turn_queue: TurnQueue,
        concurrency: ConcurrencyLimits,
        contexts: ContextBuilder,
        metering: InvocationRecorder,
        leases: LeaseRenewer,
        events: ChatEvents,
        tool_catalog: ToolCatalog,
        catalogue: Catalogue,
        settings: ChatSettings,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._store = store
        self._turn_queue = turn_queue
        self._concurrency = concurrency
        self._contexts = contexts
        self._metering = metering
        self._leases = leases
        self._events = events
        self._tool_catalog = tool_catalog
        self._catalogue = catalogue
        self._settings = settings
        self._clock = clock
        self._ids = ids

    async def start(self, request: TurnRequest, *, run_here: bool) -> StartedTurn:
        """Start the turn; a repeated request gets the same one. Unless `run_here`, it is put on the queue to be run.

        Raises Problem: too-many-turns, too-many-streams, not-found, turn-in-progress, idempotency-key-reused,
        model-not-found, invalid-request.
        """

        async def create() -> StartedTurn:
            return await self._start(request, run_here=run_here)

        try:
            return await self._store.idempotency.create_once(request.idempotency, find=self._find, create=create)
        except Conflict:
            raise problem("not-found") from None

    async def _find(self, turn_id: str) -> StartedTurn:
        """Find the turn that an earlier request with the same key started. Raises `not-found` when it is erased."""
        turn = await self._store.turns.get(turn_id)
        if turn is None:
            raise problem("not-found")
        return StartedTurn(turn, None)

    async def _start(self, request: TurnRequest, *, run_here: bool) -> StartedTurn:
        turn_id = self._ids.new("turn")
        branch = self._store.messages.branch(request.conversation_id)
        head, _, _, _ = await asyncio.gather(
            self._store.conversations.get(request.principal.subject, request.conversation_id),
            _open_page(branch, request),
            self._check_tools(request),
            self._turn_queue.schedule_check(turn_id) if run_here else self._turn_queue.enqueue(turn_id),
        )
        if head is None or head.deleted_at:
            raise problem("not-found")
        model = self._model(request, head)
        user_message, is_new = await self._user_message(request, head, branch)
        makes_title = user_message.parent_id is None and not head.title
        turn = self._turn(request, turn_id, user_message, model, run_here=run_here, makes_title=makes_title)
        uow = await self._unit_of_work(request, head, turn, user_message if is_new else None)
        draft, context = ContextDraft(turn, model, user_message, branch), None
        if not self._contexts.waits(turn):
            context = await self._contexts.build_in(uow, draft)
        if not run_here:
            await self._concurrency.start_turn(Caller.of_turn(turn), turn.id, uow, stream=False)
            return StartedTurn(turn, None)
        invocation = None
        if context:
            invocation = self._metering.new(turn.invocation_context, model, "answer", context.prompt)
            self._metering.open_in(uow, invocation)
        started = frame(1, "turn.started", turn.started_frame(), turn.attempt)
        uow.put("frame 1", self._store.log.put(turn.id, started))
        lease = await self._concurrency.start_turn(Caller.of_turn(turn), turn.id, uow, stream=True)
        held = HeldTurn(turn, TurnProgress(seq=1), user_message, branch, head, frames=[started])
        return StartedTurn(turn, TurnRun(held, context, invocation), lease)

    async def _check_tools(self, request: TurnRequest) -> None:
        """Refuse tools that are not offered, before anything is read of their turn."""
        principal = request.principal
        offer = ToolOffer(request.tools, principal.subject, principal.kind, request.conversation_id)
        await self._tool_catalog.offered(offer)

    def _model(self, request: TurnRequest, head: Conversation) -> Model:
        model = choose_model(self._catalogue, request.model, head.model, self._settings.default_model)
        if request.tools and not model.capabilities.tools:
            raise problem("model-without-tools", f"{model.name} calls no tools.")
        return model

    async def _user_message(
        self, request: TurnRequest, head: Conversation, branch: BranchReader
    ) -> tuple[Message, bool]:
        if request.answer_to is not None:
            message = await branch.find(request.answer_to)
            if message is None or message.role != "user":
                raise problem("not-found")
            await self._refuse_if_running(head, message.id)
            return message, False
        parent_id = head.last_message_id if request.parent_id == LATEST else request.parent_id
        if parent_id is not None:
            await self._refuse_if_running(head, parent_id)
            if await branch.role_of(parent_id) != "assistant":
                if request.parent_id == LATEST:  # its turn ended between two of our reads
                    raise problem("turn-in-progress")
                raise problem("not-found", "The parent is not an answer of this conversation.")
        message = Message(
            id=self._ids.new("msg"),
            conversation_id=head.id,
            parent_id=parent_id,
            role="user",
            content=list(request.content),
            created_at=self._clock.now(),
        )
        return message, True

    async def _refuse_if_running(self, head: Conversation, message_id: str) -> None:
        running = await self._store.turns.get_many(head.running_turns)
        if any(message_id in {turn.message_id, turn.user_message_id} and not turn.ended for turn in running):
            raise problem("turn-in-progress")

    def _turn(
        self,
        request: TurnRequest,
        turn_id: str,
        user_message: Message,
        model: Model,
        *,
        run_here: bool,
        makes_title: bool,
    ) -> Turn:
        now = self._clock.now()
        return Turn(
            id=turn_id,
            conversation_id=request.conversation_id,
            owner_id=request.principal.subject,
            principal_kind=request.principal.kind,
            user_message_id=user_message.id,
            message_id=self._ids.new("msg"),
            model=model.id,
            reasoning=request.reasoning,
            effort=request.effort,
            tools=list(request.tools),
            makes_title=makes_title,
            attempt=1 if run_here else NEVER_RUN,
            lease_until=self._leases.lease_until() if run_here else NO_LEASE,
            deadline=epoch_millis(now) + round(self._settings.turn_deadline_s * 1000),
            created_at=now,
            traceparent=current_traceparent(),
        )

    async def _unit_of_work(
        self, request: TurnRequest, head: Conversation, turn: Turn, new_message: Message | None
    ) -> UnitOfWork:
        store = self._store
        uow = store.begin()
        uow.put(
            "conversation",
            store.conversations.turn_started(head, turn.id, turn.user_message_id, turn.model, turn.created_at),
        )
        if request.idempotency is not None:
            uow.put("idempotency", store.idempotency.record(request.idempotency, turn.id))
        uow.put("turn", store.turns.put_new(turn))
        if new_message:
            uow.put("message", await store.messages.put_new(new_message))
        uow.emit(self._events.turn_started(turn))
        return uow


async def _open_page(branch: BranchReader, request: TurnRequest) -> None:
    """Read the page with the message to answer, or with the parent, before the conversation itself has been read.

    The latest message is nearly always on the newest page. A message without a parent needs no page.
    """
    if request.answer_to is not None:
        await branch.open(request.answer_to)
    elif request.parent_id == LATEST:
        await branch.open()
    elif request.parent_id is not None:
        await branch.open(request.parent_id)


def choose_model(catalogue: Catalogue, requested: str | None, *fallbacks: str | None) -> Model:
    """Return the requested model; else the first fallback that is offered; else the first model of the catalogue.

    Raises `model-not-found` when the requested model is not offered, or none is.
    """
    if requested is not None:
        try:
            return catalogue.get(requested)
        except UnknownModelError:
            raise problem("model-not-found", "No such model is offered here.") from None
    for fallback in fallbacks:
        if fallback is not None and fallback in catalogue:
            return catalogue.get(fallback)
    first = next(iter(catalogue), None)
    if first is None:
        raise problem("model-not-found", "This installation offers no model.")
    return first
