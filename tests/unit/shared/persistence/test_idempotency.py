"""An Idempotency-Key creates one resource, for a day, for one caller, one operation and one body."""

import dataclasses
from typing import Any

import pytest

from shared.persistence.idempotency import RETENTION_S, IdempotencyItems
from shared.persistence.requests import IdempotentRequest
from shared.persistence.transactions import Conflict, transact
from shared.problems import Problem, problem
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb

REQUEST = IdempotentRequest("ann", "create_bot", "a key", "hash-1")


class Bots:
    """Creates `bot_1`, `bot_2` … and stores which request created which."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.dynamodb = FakeDynamoDb()
        self.items = IdempotencyItems(self.dynamodb, "t", self.clock)  # type: ignore[arg-type]
        self.created = 0
        self.before_commit: Any = None

    async def create(self, request: IdempotentRequest | None = REQUEST) -> str:
        async def create() -> str:
            self.created += 1
            name = f"bot_{self.created}"
            if self.before_commit:
                await self.before_commit()
            if request:
                writes = {"idempotency": self.items.record(request, name)}
                await transact(self.dynamodb, writes, name)  # type: ignore[arg-type]
            return name

        return await self.items.create_once(request, find=self.find, create=create)

    async def find(self, name: str) -> str:
        return f"found {name}"


@pytest.fixture
def bots() -> Bots:
    return Bots()


async def test_the_first_request_creates_and_later_ones_find(bots: Bots) -> None:
    assert await bots.create() == "bot_1"
    assert await bots.create() == "found bot_1"
    assert bots.created == 1


async def test_without_a_key_each_request_creates(bots: Bots) -> None:
    assert [await bots.create(None), await bots.create(None)] == ["bot_1", "bot_2"]


async def test_another_body_under_the_same_key_is_refused(bots: Bots) -> None:
    await bots.create()
    with pytest.raises(Problem) as caught:
        await bots.create(dataclasses.replace(REQUEST, body_hash="hash-2"))
    assert caught.value.slug == "idempotency-key-reused"


@pytest.mark.parametrize("other", [{"subject": "bob"}, {"operation": "create_source"}, {"key": "another key"}])
async def test_callers_operations_and_keys_are_separate(bots: Bots, other: dict[str, str]) -> None:
    await bots.create()
    assert await bots.create(dataclasses.replace(REQUEST, **other)) == "bot_2"


async def test_of_two_concurrent_requests_the_second_finds_the_result_of_the_first(bots: Bots) -> None:
    async def create_concurrently() -> None:
        bots.before_commit = None
        await bots.create()

    bots.before_commit = create_concurrently
    assert await bots.create() == "found bot_2"


async def test_a_repeated_request_that_would_be_refused_finds_the_first_result(bots: Bots) -> None:
    """The first request reached the caller's limit; its repetition must not fail because of the limit."""

    async def refuse() -> str:
        bots.created = 1
        await transact(bots.dynamodb, {"idempotency": bots.items.record(REQUEST, "bot_1")}, "t")  # type: ignore[arg-type]
        raise problem("limit-reached")

    assert await bots.items.create_once(REQUEST, find=bots.find, create=refuse) == "found bot_1"


async def test_a_refusal_of_a_new_request_is_raised(bots: Bots) -> None:
    async def refuse() -> str:
        raise problem("limit-reached")

    async def conflict() -> str:
        raise Conflict({"bot": None})

    with pytest.raises(Problem):
        await bots.items.create_once(REQUEST, find=bots.find, create=refuse)
    with pytest.raises(Conflict):
        await bots.items.create_once(REQUEST, find=bots.find, create=conflict)


async def test_a_key_expires_after_a_day_also_when_its_row_still_exists(bots: Bots) -> None:
    await bots.create()
    bots.clock.advance(RETENTION_S - 1)
    assert await bots.create() == "found bot_1"
    bots.clock.advance(1)
    assert await bots.create() == "bot_2"
    assert await bots.create() == "found bot_2"


async def test_the_key_itself_is_not_stored(bots: Bots) -> None:
    await bots.create()
    assert REQUEST.key not in str(bots.dynamodb.items("t"))
