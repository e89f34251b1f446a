"""Who pays for what: every call of a model is opened before the request and settled once, whatever becomes of its turn.

Opening and settling are tied neither to the turn's fence nor to the conversation's existence.
"""

from collections.abc import Sequence
from typing import Literal

from services.chat.context.history import counted
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
    def __init__(self, store: Store, catalogue: Catalogue, teller: ChatEvents, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._catalogue = catalogue
        self._teller = teller
        self._clock = clock
        self._ids = ids

    def new(
        self, turn: Turn, model: Model, purpose: Literal["answer", "title"], said: Sequence[PromptMessage]
    ) -> Invocation:
        usage = Usage(input_tokens=counted(said))
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
        """Open it with the other writes of this unit of work, before the request to the model is made."""
        uow.put("invocation", self._store.invocations.put(invocation))
        uow.emit(self._teller.model_invoked(invocation))

    async def open(self, invocation: Invocation) -> None:
        uow = self._store.begin()
        self.open_in(uow, invocation)
        await uow.commit()

    async def settle(self, invocation: Invocation, usage: Usage, basis: Literal["reported", "estimated"]) -> Invocation:
        """Write down what it cost; a second settling changes nothing."""
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
        uow.emit(self._teller.model_invoked(settled))
        try:
            await uow.commit()
        except Conflict as conflict:
            if conflict.item("invocation") is None:  # erased with its conversation: the cost is still published
                await uow.without({"invocation"}).commit()
        return settled

    async def settle_by_estimate(self, invocation: Invocation, said: str, *, began: bool) -> Invocation:
        """When no usage was reported: what was asked and said, or nothing when the model never began."""
        usage = (
            Usage(input_tokens=invocation.usage.input_tokens, output_tokens=tokens.estimate(said)) if began else Usage()
        )
        return await self.settle(invocation, usage, "estimated")

    async def settle_abandoned(self, turn_id: str, said: str, *, titles: bool) -> list[Invocation]:
        """Estimate what a runner that is gone has left open, its latest words being `said`; the answer's, settled.

        `titles`: also those, since nobody makes them any more.
        """
        answers: list[Invocation] = []
        for invocation in await self._store.invocations.of_turn(turn_id):
            is_title, settled = invocation.purpose == "title", invocation
            if invocation.state == "opened" and (titles or not is_title):
                settled = await self.settle_by_estimate(invocation, "" if is_title else said, began=True)
            if not is_title:
                answers.append(settled)
        return answers
