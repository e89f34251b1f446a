"""Records the invocations of models: opened before the request, settled once with their tokens and cost.

Neither step depends on the turn's fence or on the conversation: an invocation is also settled when its turn was taken
over or its conversation was erased.
"""

from collections.abc import Sequence
from typing import Literal

from services.chat.domain import Invocation, Turn
from services.chat.events import ChatEvents
from services.chat.llm import token_estimate as tokens
from services.chat.llm.port import PromptMessage
from services.chat.tables import Store
from shared.catalogue import Catalogue, Model, Usage
from shared.clock import Clock
from shared.ids import Ids
from shared.persistence.transactions import Conflict
from shared.persistence.unit_of_work import UnitOfWork


class InvocationRecorder:
    """Writes each invocation to the table and publishes each of its revisions as `chat.model.invoked`."""

    def __init__(self, store: Store, catalogue: Catalogue, events: ChatEvents, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._catalogue = catalogue
        self._events = events
        self._clock = clock
        self._ids = ids

    def new(
        self, turn: Turn, model: Model, purpose: Literal["answer", "title"], prompt: Sequence[PromptMessage]
    ) -> Invocation:
        """Build an invocation for this prompt, with its input tokens estimated. Nothing is written yet."""
        usage = Usage(input_tokens=tokens.estimate_prompt(prompt))
        return Invocation(
            id=self._ids.new("inv"),
            turn_id=turn.id,
            conversation_id=turn.conversation_id,
            owner_id=turn.owner_id,
            principal_kind=turn.principal_kind,
            model=model.id,
            purpose=purpose,
            usage=usage,
            cost_nano_usd=model.cost_nano_usd(usage),
            price_version=self._catalogue.price_version,
            started_at=self._clock.now(),
        )

    def open_in(self, uow: UnitOfWork, invocation: Invocation) -> None:
        """Open the invocation in this unit of work, which must be committed before the request to the model."""
        uow.put("invocation", self._store.invocations.put(invocation))
        uow.emit(self._events.model_invoked(invocation))

    async def open(self, invocation: Invocation) -> None:
        """Open the invocation in a unit of work of its own, before the request to the model."""
        uow = self._store.begin()
        self.open_in(uow, invocation)
        await uow.commit()

    async def settle(self, invocation: Invocation, usage: Usage, basis: Literal["reported", "estimated"]) -> Invocation:
        """Record the usage and its cost; return the settled invocation.

        The first settlement counts: a second one, by another process, writes and publishes nothing. Raises
        UnknownModelError when the catalogue has no price for the model.
        """
        model = self._catalogue.priced(invocation.model)
        settled = invocation.model_copy(
            update={
                "revision": invocation.revision + 1,
                "state": "settled",
                "usage": usage,
                "cost_nano_usd": model.cost_nano_usd(usage),
                "basis": basis,
                "ended_at": self._clock.now(),
            }
        )
        uow = self._store.begin()
        uow.put("invocation", self._store.invocations.put(settled))
        uow.emit(self._events.model_invoked(settled))
        try:
            await uow.commit()
        except Conflict as conflict:
            # Settled by another process, or erased with its conversation: then the cost is still published.
            if conflict.item("invocation") is None:
                await uow.without({"invocation"}).commit()
        return settled

    async def settle_by_estimate(self, invocation: Invocation, output: str, *, began: bool) -> Invocation:
        """Settle without reported usage: estimate the tokens of `output`; zero tokens if the answer never began."""
        usage = Usage()
        if began:
            usage = Usage(input_tokens=invocation.usage.input_tokens, output_tokens=tokens.estimate(output))
        return await self.settle(invocation, usage, "estimated")

    async def settle_abandoned(self, turn_id: str, output: str, *, include_titles: bool) -> list[Invocation]:
        """Settle by estimate what a runner that has stopped left open; return all invocations for the answer, settled.

        `output`: what the open invocation for the answer produced. `include_titles`: settle the one for the title,
        too, because its runner no longer makes the title.
        """
        answers: list[Invocation] = []
        for invocation in await self._store.invocations.of_turn(turn_id):
            is_title, settled = invocation.purpose == "title", invocation
            if invocation.state == "opened" and (include_titles or not is_title):
                settled = await self.settle_by_estimate(invocation, "" if is_title else output, began=True)
            if not is_title:
                answers.append(settled)
        return answers
