"""Ingest's projection of bots: the order and repetition of events make no difference."""

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
HISTORY = [created(BOTS[0]), updated(BOTS[0], 2), updated(BOTS[0], 3), created(BOTS[1]), deleted(BOTS[1], 2)]


def sources_in(store: Store) -> list[str]:
    return [item["sk"]["S"] for item in store.dump() if item["sk"]["S"].startswith("SOURCE#")]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_events_in_any_order_and_repeated_give_the_same_table(data: st.DataObject) -> None:
    shuffled: list[Envelope] = data.draw(st.permutations([*HISTORY, *data.draw(st.lists(st.sampled_from(HISTORY)))]))
    once, again = Store(), Store()
    asyncio.run(once.deliver(*HISTORY))
    asyncio.run(again.deliver(*shuffled))
    assert once.dump() == again.dump()


async def test_deleting_a_bot_deletes_its_sources_and_no_others(store: Store) -> None:
    await store.deliver(*(created(bot) for bot in BOTS))
    for bot in BOTS:
        for _ in range(60):  # more than a page
            await store.sources.register(ANN, bot, A_PAGE, None)
    await store.deliver(deleted(BOTS[0], 2))
    assert len(sources_in(store)) == 60
    assert (await store.sources.page(ANN, BOTS[1], PageRequest(200))).items


async def test_a_failed_deletion_is_finished_when_the_event_is_delivered_again(store: Store) -> None:
    await store.deliver(created(BOTS[0]))
    for _ in range(3):
        await store.sources.register(ANN, BOTS[0], A_PAGE, None)
    store.dynamodb.fail("delete_item", aws_error("InternalServerError"))
    with pytest.raises(ClientError):
        await store.deliver(deleted(BOTS[0], 2))
    assert len(sources_in(store)) == 3
    await store.deliver(deleted(BOTS[0], 2))
    assert sources_in(store) == []


async def test_a_created_event_after_the_deleted_event_does_not_restore_the_bot(store: Store) -> None:
    await store.deliver(deleted(BOTS[0], 2), created(BOTS[0]))
    (row,) = store.dump()
    assert row["state"]["S"] == "deleted"
    assert "ttl" in row


async def test_an_updated_event_keeps_the_bots_count_of_sources(store: Store) -> None:
    await store.deliver(created(BOTS[0]))
    await store.sources.register(ANN, BOTS[0], A_PAGE, None)
    await store.deliver(updated(BOTS[0], 2))
    (row,) = [item for item in store.dump() if item["sk"]["S"] == "BOT"]
    assert row["sources"]["N"] == "1"
