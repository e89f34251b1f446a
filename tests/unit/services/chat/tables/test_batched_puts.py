"""Puts of many turns are sent in few requests, and a put that fails does not delay the others."""

import asyncio
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chat.tables.batched_puts import BatchedPuts
from shared.aws.items import Item
from tests.fakes.chat_service import until
from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.faults import aws_error
from tests.polling import until_true

TABLE = "log"
BROKEN = ConnectionClosedError(endpoint_url="http://nowhere")


def put(key: str, text: str = "hi") -> dict[str, Any]:
    return {
        "TableName": TABLE,
        "Item": {"pk": {"S": key}, "sk": {"S": "1"}, "text": {"S": text}},
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


class GatedDynamoDb(FakeDynamoDb):
    """Requests wait while `open` is cleared. `sizes` has the number of puts of each request, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open = asyncio.Event()
        self.open.set()
        self.sizes: list[int] = []
        self.tokens: list[str | None] = []
        self.busy: set[str] = set()

    async def put_item(self, **request: Any) -> dict[str, Any]:
        self.sizes.append(1)
        await self.open.wait()
        return await super().put_item(**request)

    async def transact_write_items(self, **request: Any) -> dict[str, Any]:
        items = request["TransactItems"]
        self.sizes.append(len(items))
        self.tokens.append(request.get("ClientRequestToken"))
        await self.open.wait()
        if any(each["Put"]["Item"]["pk"]["S"] in self.busy for each in items):
            reasons = [
                {"Code": "TransactionConflict" if each["Put"]["Item"]["pk"]["S"] in self.busy else "None"}
                for each in items
            ]
            raise aws_error("TransactionCanceledException", "TransactWriteItems", CancellationReasons=reasons)
        return await super().transact_write_items(**request)

    def keys(self) -> set[str]:
        return {item["pk"]["S"] for item in self.items(TABLE)}


@pytest.fixture
async def gate() -> GatedDynamoDb:
    return GatedDynamoDb()


async def together(puts: BatchedPuts, *keys: str) -> list[Item | BaseException | None]:
    """Put at the same moment; return the results."""
    return list(await asyncio.gather(*(puts.put(each, put(each)) for each in keys), return_exceptions=True))


async def test_a_single_put_is_sent_as_put_item(gate: GatedDynamoDb) -> None:
    assert await BatchedPuts(gate).put("a", put("a")) is None  # type: ignore[arg-type]
    assert gate.calls == ["put_item"]


async def test_concurrent_puts_are_sent_as_one_transaction(gate: GatedDynamoDb) -> None:
    assert await together(BatchedPuts(gate), "a", "b", "c") == [None, None, None]  # type: ignore[arg-type]
    assert (gate.calls, gate.keys()) == (["transact_write_items"], {"a", "b", "c"})


async def test_puts_during_a_request_are_sent_together_in_the_next(gate: GatedDynamoDb) -> None:
    puts = BatchedPuts(gate)  # type: ignore[arg-type]
    gate.open.clear()
    first = asyncio.create_task(puts.put("a", put("a")))
    await until(lambda: gate.sizes)
    rest = [asyncio.create_task(puts.put(each, put(each))) for each in "bcd"]
    await asyncio.sleep(0)
    gate.open.set()
    assert await asyncio.gather(first, *rest) == [None] * 4
    assert gate.sizes == [1, 3]


async def test_a_slow_request_delays_other_puts_briefly(gate: GatedDynamoDb) -> None:
    puts = BatchedPuts(gate)  # type: ignore[arg-type]
    gate.open.clear()
    first = asyncio.create_task(puts.put("a", put("a")))
    await until(lambda: gate.sizes == [1])
    second = asyncio.create_task(puts.put("b", put("b")))
    await until_true(lambda: gate.sizes == [1, 1])
    assert not first.done()
    gate.open.set()
    await asyncio.gather(first, second)


async def test_at_most_four_requests_are_in_flight(gate: GatedDynamoDb) -> None:
    puts = BatchedPuts(gate)  # type: ignore[arg-type]
    gate.open.clear()
    tasks = []
    for number, key in enumerate("abcdef"):
        tasks.append(asyncio.create_task(puts.put(key, put(key), at_once=True)))
        await until(lambda number=number: len(gate.sizes) >= min(number + 1, 4))
    await asyncio.sleep(0.05)
    assert gate.sizes == [1, 1, 1, 1]
    gate.open.set()
    await asyncio.gather(*tasks)
    assert gate.sizes == [1, 1, 1, 1, 2]


async def test_a_transaction_has_at_most_a_hundred_puts(gate: GatedDynamoDb) -> None:
    keys = [f"turn_{number}" for number in range(130)]
    assert await together(BatchedPuts(gate), *keys) == [None] * 130  # type: ignore[arg-type]
    assert gate.sizes == [100, 30]


async def test_with_many_turns_a_flush_waits_for_more_puts(gate: GatedDynamoDb) -> None:
    puts = BatchedPuts(gate)  # type: ignore[arg-type]
    await together(puts, *(f"turn_{number}" for number in range(40)))
    late = [asyncio.create_task(puts.put("a", put("a")))]
    await asyncio.sleep(0.002)
    late.append(asyncio.create_task(puts.put("b", put("b"))))
    await asyncio.gather(*late)
    assert gate.sizes == [40, 2]


async def test_an_urgent_put_is_sent_at_once_together_with_waiting_puts(gate: GatedDynamoDb) -> None:
    puts = BatchedPuts(gate)  # type: ignore[arg-type]
    await together(puts, *(f"turn_{number}" for number in range(100)))
    began = asyncio.get_running_loop().time()
    waits = asyncio.create_task(puts.put("a", put("a")))
    await asyncio.sleep(0)
    assert await puts.put("b", put("b"), at_once=True) is None
    await waits
    assert gate.sizes == [100, 2]
    assert asyncio.get_running_loop().time() - began < 0.05  # the flush interval of a hundred turns
    await together(puts, "c")
    assert gate.sizes == [100, 2, 1]


async def test_an_urgent_put_is_sent_while_another_request_is_in_flight(gate: GatedDynamoDb) -> None:
    puts = BatchedPuts(gate)  # type: ignore[arg-type]
    gate.open.clear()
    first = asyncio.create_task(puts.put("a", put("a")))
    await until(lambda: gate.sizes == [1])
    second = asyncio.create_task(puts.put("b", put("b"), at_once=True))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await until(lambda: gate.sizes == [1, 1])
    gate.open.set()
    await asyncio.gather(first, second)


async def test_a_put_whose_key_exists_gets_the_item_and_the_others_are_sent_again(gate: GatedDynamoDb) -> None:
    await gate.put_item(**put("b", "another's"))
    gate.sizes.clear()
    found = await together(BatchedPuts(gate), "a", "b", "c")  # type: ignore[arg-type]
    assert found == [None, put("b", "another's")["Item"], None]
    assert gate.sizes == [3, 2]
    assert gate.keys() == {"a", "b", "c"}


async def test_a_put_of_a_busy_item_is_sent_alone_and_delays_no_other(gate: GatedDynamoDb) -> None:
    gate.busy.add("b")
    assert await together(BatchedPuts(gate), "a", "b", "c") == [None, None, None]  # type: ignore[arg-type]
    assert gate.sizes == [3, 2, 1]


async def test_a_conflict_of_one_put_is_retried_up_to_the_limit(gate: GatedDynamoDb) -> None:
    conflict = aws_error("TransactionConflictException", "PutItem")
    puts = BatchedPuts(gate)  # type: ignore[arg-type]
    gate.fail("put_item", conflict, times=2)
    assert await puts.put("a", put("a")) is None
    gate.fail("put_item", conflict, times=9)
    with pytest.raises(ClientError, match="TransactionConflict"):
        await puts.put("b", put("b"))
    assert len(gate.sizes) == 3 + 6


@pytest.mark.parametrize(
    "error", [BROKEN, aws_error("ValidationException", "TransactWriteItems"), aws_error("ThrottlingException", "x")]
)
async def test_after_an_error_that_names_no_put_each_is_sent_alone(gate: GatedDynamoDb, error: Exception) -> None:
    gate.fail("transact_write_items", error)
    assert await together(BatchedPuts(gate), "a", "b", "c") == [None, None, None]  # type: ignore[arg-type]
    assert gate.sizes == [3, 1, 1, 1]


async def test_only_the_put_that_cannot_be_written_fails(gate: GatedDynamoDb) -> None:
    gate.fail("transact_write_items", BROKEN)
    gate.fail("put_item", BROKEN)
    found = await together(BatchedPuts(gate), "a", "b")  # type: ignore[arg-type]
    assert [type(each) for each in found] == [ConnectionClosedError, type(None)]


async def test_a_single_put_whose_key_exists_gets_the_item(gate: GatedDynamoDb) -> None:
    await gate.put_item(**put("a", "mine"))
    assert await BatchedPuts(gate).put("a", put("a")) == put("a", "mine")["Item"]  # type: ignore[arg-type]


async def test_each_transaction_with_other_puts_has_a_token_of_its_own(gate: GatedDynamoDb) -> None:
    """The client repeats a request whose response was lost; DynamoDB refuses other puts under the same token."""
    await gate.put_item(**put("b"))
    await together(BatchedPuts(gate), "a", "b", "c")  # type: ignore[arg-type]
    assert len(set(gate.tokens)) == len(gate.tokens) == 2
    assert all(gate.tokens)


async def test_a_put_cancelled_while_it_waited_is_not_written(gate: GatedDynamoDb) -> None:
    puts = BatchedPuts(gate)  # type: ignore[arg-type]
    gate.open.clear()
    first = asyncio.create_task(puts.put("a", put("a")))
    await until(lambda: gate.sizes)
    cancelled, kept = (asyncio.create_task(puts.put(each, put(each))) for each in ("b", "c"))
    await asyncio.sleep(0)
    cancelled.cancel()
    gate.open.set()
    await asyncio.gather(first, kept)
    assert gate.keys() == {"a", "c"}


async def test_a_put_cancelled_in_flight_does_not_affect_the_others(gate: GatedDynamoDb) -> None:
    puts = BatchedPuts(gate)  # type: ignore[arg-type]
    gate.open.clear()
    cancelled, kept = (asyncio.create_task(puts.put(each, put(each))) for each in ("a", "b"))
    await until(lambda: gate.sizes)
    cancelled.cancel()
    gate.open.set()
    assert await kept is None
    with pytest.raises(asyncio.CancelledError):
        await cancelled


@settings(max_examples=60, deadline=None)
@given(
    taken=st.sets(st.integers(0, 19)),
    busy=st.sets(st.integers(0, 19)),
    broken=st.integers(0, 2),
    urgent=st.sets(st.integers(0, 19)),
)
async def test_after_any_errors_each_put_is_written_or_gets_the_existing_item(
    taken: set[int], busy: set[int], broken: int, urgent: set[int]
) -> None:
    gate = GatedDynamoDb()
    for number in taken:
        await gate.put_item(**put(str(number), "another's"))
    gate.busy = {str(number) for number in busy}
    gate.fail("transact_write_items", BROKEN, times=broken)
    puts = BatchedPuts(gate)  # type: ignore[arg-type]
    found = await asyncio.gather(
        *(puts.put(str(number), put(str(number)), at_once=number in urgent) for number in range(20))
    )
    for number, stored in enumerate(found):
        assert (stored is None) == (number not in taken)
    assert gate.keys() == {str(number) for number in range(20)}
