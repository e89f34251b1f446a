"""An Idempotency-Key is good for a day, one person, one operation and one body."""

import dataclasses

import pytest

from shared.persistence.idempotency import KEPT_S, IdempotencyItems, IdempotentRequest, KeyReusedError
from shared.persistence.transactions import Cancelled, transact
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb

ONCE = IdempotentRequest("ann", "make_bot", "a key", "hash-1")


class Items:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.dynamodb = FakeDynamoDb()
        self.items = IdempotencyItems(self.dynamodb, "t", self.clock)  # type: ignore[arg-type]

    async def remember(self, once: IdempotentRequest, made: str) -> None:
        await transact(self.dynamodb, [self.items.put_new(once, made)])  # type: ignore[arg-type]


@pytest.fixture
def kept() -> Items:
    return Items()


async def test_what_a_request_made_is_remembered(kept: Items) -> None:
    assert await kept.items.made(ONCE) is None
    await kept.remember(ONCE, "bot_1")
    assert await kept.items.made(ONCE) == "bot_1"


async def test_another_body_is_refused(kept: Items) -> None:
    await kept.remember(ONCE, "bot_1")
    with pytest.raises(KeyReusedError):
        await kept.items.made(dataclasses.replace(ONCE, body_hash="hash-2"))


@pytest.mark.parametrize("other", [{"owner_id": "bob"}, {"operation": "make_source"}, {"key": "another key"}])
async def test_people_operations_and_keys_do_not_meet(kept: Items, other: dict[str, str]) -> None:
    await kept.remember(ONCE, "bot_1")
    assert await kept.items.made(dataclasses.replace(ONCE, **other)) is None


async def test_who_comes_second_does_not_commit(kept: Items) -> None:
    await kept.remember(ONCE, "bot_1")
    with pytest.raises(Cancelled):
        await kept.remember(ONCE, "bot_2")


async def test_after_a_day_the_key_is_free_though_its_row_may_still_be_there(kept: Items) -> None:
    await kept.remember(ONCE, "bot_1")
    kept.clock.advance(KEPT_S - 1)
    assert await kept.items.made(ONCE) == "bot_1"
    kept.clock.advance(1)
    assert await kept.items.made(ONCE) is None
    await kept.remember(ONCE, "bot_2")
    assert await kept.items.made(ONCE) == "bot_2"


async def test_the_key_itself_is_not_kept(kept: Items) -> None:
    await kept.remember(ONCE, "bot_1")
    assert ONCE.key not in str(kept.dynamodb.items("t"))
