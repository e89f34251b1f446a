"""What ingest learns of bots by their events: order and repetition must not show."""

import asyncio

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.domain import WebPage
from shared.events.envelope import Envelope
from shared.identity import Principal
from shared.ids import UlidIds
from shared.persistence.requests import PageRequest
from tests.fakes.bot_events import created, deleted, updated
from tests.fakes.clock import FakeClock
from tests.fakes.faults import aws_error
from tests.unit.services.ingest.conftest import Store

ANN = Principal("ann", "user")
BOTS = [UlidIds(FakeClock()).new("bot") for _ in range(2)]
A_PAGE = WebPage.model_validate({"type": "url", "url": "https://example.org"})
LIFE = [created(BOTS[0]), updated(BOTS[0], 2), updated(BOTS[0], 3), created(BOTS[1]), deleted(BOTS[1], 2)]


def sources_in(store: Store) -> list[str]:
    return [item["sk"]["S"] for item in store.dump() if item["sk"]["S"].startswith("SOURCE#")]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_order_and_any_repetition_lead_to_the_same_table(data: st.DataObject) -> None:
    shuffled: list[Envelope] = data.draw(st.permutations([*LIFE, *data.draw(st.lists(st.sampled_from(LIFE)))]))
    once, again = Store(), Store()
    asyncio.run(once.deliver(*LIFE))
    asyncio.run(again.deliver(*shuffled))
    assert once.dump() == again.dump()


async def test_when_a_bot_is_deleted_its_sources_go_and_no_others(store: Store) -> None:
    await store.deliver(*(created(bot) for bot in BOTS))
    for bot in BOTS:
        for _ in range(60):  # more than a page
            await store.sources.register(ANN, bot, A_PAGE, None)
    await store.deliver(deleted(BOTS[0], 2))
    assert len(sources_in(store)) == 60
    assert (await store.sources.page(ANN, BOTS[1], PageRequest(200))).items


async def test_a_consumer_that_died_in_the_middle_finishes_when_the_event_comes_again(store: Store) -> None:
    await store.deliver(created(BOTS[0]))
    for _ in range(3):
        await store.sources.register(ANN, BOTS[0], A_PAGE, None)
    store.dynamodb.fail("delete_item", aws_error("InternalServerError"))
    with pytest.raises(ClientError):
        await store.deliver(deleted(BOTS[0], 2))
    assert len(sources_in(store)) == 3
    await store.deliver(deleted(BOTS[0], 2))
    assert sources_in(store) == []


async def test_a_late_creation_brings_no_deleted_bot_back(store: Store) -> None:
    await store.deliver(deleted(BOTS[0], 2), created(BOTS[0]))
    (row,) = store.dump()
    assert row["state"]["S"] == "deleted"
    assert "ttl" in row


async def test_an_event_of_a_bot_keeps_the_count_of_its_sources(store: Store) -> None:
    await store.deliver(created(BOTS[0]))
    await store.sources.register(ANN, BOTS[0], A_PAGE, None)
    await store.deliver(updated(BOTS[0], 2))
    (row,) = [item for item in store.dump() if item["sk"]["S"] == "BOT"]
    assert row["sources"]["N"] == "1"
