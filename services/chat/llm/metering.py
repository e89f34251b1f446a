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
from services.chat.tables import Cancelled, Store
from shared.catalogue import Catalogue, Model, Usage
from shared.clock import Clock
from shared.events.envelope import Envelope
from shared.ids import Ids
from shared.persistence.transactions import Write


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

    def opening(self, invocation: Invocation) -> tuple[Write, Envelope]:
        """What to commit before the request is made."""
        return self._store.invocations.put(invocation), self._teller.model_invoked(invocation)

    async def open(self, invocation: Invocation) -> None:
        write, told = self.opening(invocation)
        await self._store.commit([write], [told])

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
        told = self._teller.model_invoked(settled)
        try:
            await self._store.commit([self._store.invocations.put(settled)], [told])
        except Cancelled as cancelled:
            if cancelled.found(0) is None:  # erased with its conversation: who pays is told, nothing is kept
                await self._store.commit([], [told])
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
