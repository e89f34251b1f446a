"""Records the invocations of models: opened before the request, settled once with their tokens and cost.

Neither step depends on what the invocation is for: it is also settled when its turn was taken over or its conversation
was erased.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Protocol

from shared.catalogue import Catalogue, Model, Usage
from shared.clock import Clock
from shared.events.envelope import Envelope
from shared.ids import Ids
from shared.llm import token_estimate as tokens
from shared.llm.invocation import Basis, Invocation, InvocationContext, Purpose
from shared.llm.port import PromptMessage
from shared.persistence.transactions import Conflict, Write
from shared.persistence.unit_of_work import UnitOfWork


class InvocationTable(Protocol):
    """The table in which a service keeps its invocations."""

    def put(self, invocation: Invocation) -> Write:
        """Write a revision. The condition: the first creates the item, a later one replaces a lower revision."""
        ...


class InvocationRecorder:
    """Writes each invocation to the service's table and publishes each of its revisions as `<service>.model.invoked`.

    `begin` opens a unit of work over that table; `event` builds the event of a revision.
    """

    def __init__(  # noqa: PLR0917 - wired once, in app
        self,
        table: InvocationTable,
        begin: Callable[[], UnitOfWork],
        event: Callable[[Invocation], Envelope],
        catalogue: Catalogue,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._table = table
        self._begin = begin
        self._event = event
        self._catalogue = catalogue
        self._clock = clock
        self._ids = ids

    def new(
        self, context: InvocationContext, model: Model, purpose: Purpose, prompt: Sequence[PromptMessage]
    ) -> Invocation:
        """Build an invocation for this prompt, with its input tokens estimated. Nothing is written yet."""
        usage = Usage(input_tokens=tokens.estimate_prompt(prompt))
        return Invocation(
            id=self._ids.new("inv"),
            turn_id=context.turn_id,
            conversation_id=context.conversation_id,
            bot_id=context.bot_id,
            owner_id=context.owner_id,
            principal_kind=context.principal_kind,
            model=model.id,
            purpose=purpose,
            usage=usage,
            cost_nano_usd=model.cost_nano_usd(usage),
            price_version=self._catalogue.price_version,
            started_at=self._clock.now(),
        )

    def open_in(self, uow: UnitOfWork, invocation: Invocation) -> None:
        """Open the invocation in this unit of work, which must be committed before the request to the model."""
        uow.put("invocation", self._table.put(invocation))
        uow.emit(self._event(invocation))

    async def open(self, invocation: Invocation) -> None:
        """Open the invocation in a unit of work of its own, before the request to the model.

        Opening it again, by whichever process, writes and publishes nothing.
        """
        uow = self._begin()
        self.open_in(uow, invocation)
        with suppress(Conflict):
            await uow.commit()

    async def settle(self, invocation: Invocation, usage: Usage, basis: Basis) -> Invocation:
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
        uow = self._begin()
        uow.put("invocation", self._table.put(settled))
        uow.emit(self._event(settled))
        try:
            await uow.commit()
        except Conflict as conflict:
            # Settled by another process, or erased with its conversation: then the cost is still published.
            if conflict.item("invocation") is None:
                await uow.without({"invocation"}).commit()
        return settled

    async def settle_call(
        self, invocation: Invocation, reported: Usage | None, output: str, *, began: bool
    ) -> Invocation:
        """Settle a call that has ended, however: as reported, else as `settle_by_estimate`."""
        if reported:
            return await self.settle(invocation, reported, "reported")
        return await self.settle_by_estimate(invocation, output, began=began)

    async def settle_by_estimate(self, invocation: Invocation, output: str, *, began: bool) -> Invocation:
        """Settle without reported usage: estimate the tokens of `output`; zero tokens if the answer never began."""
        usage = Usage()
        if began:
            usage = Usage(input_tokens=invocation.usage.input_tokens, output_tokens=tokens.estimate(output))
        return await self.settle(invocation, usage, "estimated")

    async def settle_abandoned(
        self, invocations: Iterable[Invocation], output: str, *, include_titles: bool
    ) -> list[Invocation]:
        """Settle by estimate what a runner that has stopped left open; return all invocations for the answer, settled.

        `output`: what the open invocation for the answer produced. `include_titles`: settle the one for the title,
        too, because its runner no longer makes the title.
        """
        answers: list[Invocation] = []
        for invocation in invocations:
            is_title, settled = invocation.purpose == "title", invocation
            if invocation.state == "opened" and (include_titles or not is_title):
                settled = await self.settle_by_estimate(invocation, "" if is_title else output, began=True)
            if not is_title:
                answers.append(settled)
        return answers
