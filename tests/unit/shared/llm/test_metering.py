"""Metering for a service without turns: the bot's owner pays, and the service's own table stores invocations."""

from collections.abc import Sequence
from typing import Any

import pytest

from shared.aws import from_item, to_item
from shared.catalogue import Catalogue, Usage
from shared.events.catalogue.ingest import ModelInvoked
from shared.events.envelope import Actor, Envelope
from shared.ids import UlidIds
from shared.llm.invocation import Invocation, InvocationContext
from shared.llm.metering import InvocationRecorder
from shared.llm.port import PromptMessage
from shared.persistence.transactions import Write
from shared.persistence.unit_of_work import UnitOfWork
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb

TABLE = "ingest"
CATALOGUE = Catalogue.offered(("bedrock", "scripted"), clock=FakeClock())
OWNER = InvocationContext("ann", bot_id="bot_01K00000000000000000000000")
PROMPT = [PromptMessage.of_text("user", "How do bees find home?")]


class Service:
    """Stores invocations by bot, and records each event that it commits."""

    def __init__(self) -> None:
        self.dynamodb, self.clock = FakeDynamoDb(), FakeClock()
        self.ids = UlidIds(self.clock)
        self.events: list[Envelope] = []
        self.metering = InvocationRecorder(self, self.begin, self.event, CATALOGUE, self.clock, self.ids)

    def begin(self) -> UnitOfWork:
        return UnitOfWork(self.dynamodb, TABLE, self.notify)  # type: ignore[arg-type]

    def notify(self, events: Sequence[Envelope]) -> None:
        self.events += events

    def event(self, invocation: Invocation) -> Envelope:
        fields = invocation.model_dump(exclude={"id", "owner_id", "usage"}) | invocation.usage.model_dump()
        return Envelope.of(
            ModelInvoked(invocation_id=invocation.id, principal_id=invocation.owner_id, **fields),
            source="colloquy.ingest",
            subject=invocation.id,
            sequence=invocation.revision,
            actor=Actor(kind="user", id=invocation.owner_id),
            clock=self.clock,
            ids=self.ids,
        )

    def put(self, invocation: Invocation) -> Write:
        key = {"pk": f"BOT#{invocation.bot_id}", "sk": f"INV#{invocation.id}"}
        write: dict[str, Any] = {
            "TableName": TABLE,
            "Item": to_item(key | invocation.model_dump(mode="json")),
            "ConditionExpression": "attribute_not_exists(pk) OR revision < :revision",
            "ExpressionAttributeValues": to_item({":revision": invocation.revision}),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        return {"Put": write}

    def stored(self) -> list[Invocation]:
        items = [from_item(each) for each in self.dynamodb.items(TABLE) if each["pk"]["S"].startswith("BOT#")]
        return [Invocation.model_validate(each) for each in items]

    async def opened(self) -> Invocation:
        invocation = self.metering.new(OWNER, CATALOGUE.get("claude-haiku-4-5"), "rewrite", PROMPT)
        await self.metering.open(invocation)
        return invocation


@pytest.fixture
def service() -> Service:
    return Service()


async def test_an_invocation_has_its_payer_and_bot(service: Service) -> None:
    invocation = await service.opened()
    assert service.stored() == [invocation]
    assert (invocation.owner_id, invocation.bot_id, invocation.turn_id) == ("ann", OWNER.bot_id, None)
    (event,) = service.events
    assert (event.data["purpose"], event.data["bot_id"], event.data["state"]) == ("rewrite", OWNER.bot_id, "opened")


async def test_opening_again_writes_and_publishes_nothing(service: Service) -> None:
    invocation = await service.opened()
    await service.metering.open(invocation)
    assert service.stored() == [invocation]
    assert len(service.events) == 1


async def test_opening_late_does_not_open_a_settled_invocation(service: Service) -> None:
    invocation = await service.opened()
    settled = await service.metering.settle(invocation, Usage(output_tokens=7), "reported")
    await service.metering.open(invocation)
    assert service.stored() == [settled]
    assert [event.sequence for event in service.events] == [1, 2]


async def test_an_abandoned_invocation_is_settled_by_estimate(service: Service) -> None:
    invocation = await service.opened()
    (settled,) = await service.metering.settle_abandoned([invocation], "By the sun.", include_titles=False)
    assert (settled.state, settled.basis) == ("settled", "estimated")
    assert settled.usage.output_tokens > 0
    assert service.stored() == [settled]
