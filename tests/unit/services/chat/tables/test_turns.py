"""Turns in the table: every change of a running turn is conditional on its attempt; the first write wins."""

import asyncio
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.chat.domain import TextBlock, ToolRound, Turn
from shared.persistence.transactions import Conflict
from tests.fakes.chat_service import FakeChat
from tests.fakes.dynamodb import MAX_PAGE_BYTES
from tests.fakes.faults import aws_error


@pytest.fixture
async def turn(chat: FakeChat) -> Turn:
    return (await chat.start(await chat.open())).turn


async def end(chat: FakeChat, turn: Turn, state: str = "completed") -> None:
    await chat.commit({"turn": chat.store.turns.ended(turn.model_copy(update={"state": state}))})


async def test_a_lease_is_renewed_by_its_attempt_only(chat: FakeChat, turn: Turn) -> None:
    assert await chat.store.turns.renew(turn.id, 1, 77)
    assert (await chat.turn(turn.id)).lease_until == 77
    assert not await chat.store.turns.renew(turn.id, 2, 99)
    assert not await chat.store.turns.renew("turn_unknown", 1, 99)
    assert (await chat.turn(turn.id)).lease_until == 77


async def test_the_lease_of_an_ended_turn_is_not_renewed(chat: FakeChat, turn: Turn) -> None:
    await end(chat, turn)
    assert not await chat.store.turns.renew(turn.id, 1, 99)


async def test_claiming_raises_attempt_and_takeovers_and_sets_the_lease(chat: FakeChat, turn: Turn) -> None:
    claimed = await chat.store.turns.claim(turn, 99)
    assert claimed == turn.model_copy(update={"attempt": 2, "takeovers": 1, "lease_until": 99})
    assert await chat.turn(turn.id) == claimed


async def test_claiming_a_handed_over_turn_counts_no_takeover(chat: FakeChat, turn: Turn) -> None:
    assert await chat.store.turns.hand_over(turn.id, 1)
    claimed = await chat.store.turns.claim(await chat.turn(turn.id), 99)
    assert claimed is not None
    assert (claimed.attempt, claimed.takeovers) == (2, 0)


async def test_a_turn_is_handed_over_by_its_current_attempt_only(chat: FakeChat, turn: Turn) -> None:
    assert not await chat.store.turns.hand_over(turn.id, 2)
    assert (await chat.turn(turn.id)).lease_until == turn.lease_until


async def test_a_turn_whose_lease_was_renewed_in_between_is_not_claimed(chat: FakeChat, turn: Turn) -> None:
    await chat.store.turns.renew(turn.id, 1, turn.lease_until + 1)
    assert await chat.store.turns.claim(turn, 99) is None
    assert (await chat.turn(turn.id)).attempt == 1


async def test_of_concurrent_claims_one_succeeds(chat: FakeChat, turn: Turn) -> None:
    claims = await asyncio.gather(*(chat.other_process().store.turns.claim(turn, 99) for _ in range(10)))
    assert sum(each is not None for each in claims) == 1
    assert (await chat.turn(turn.id)).attempt == 2


async def test_a_claim_repeated_after_a_lost_response_succeeds(
    chat: FakeChat, turn: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise no process would run the turn until its lease ends, ten seconds later."""
    update = chat.dynamodb.update_item

    async def twice(**request: Any) -> dict[str, Any]:
        """The client repeats the request because it did not receive the first response."""
        await update(**request)
        return await update(**request)

    monkeypatch.setattr(chat.dynamodb, "update_item", twice)
    claimed = await chat.store.turns.claim(turn, 99)
    assert claimed == turn.model_copy(update={"attempt": 2, "takeovers": 1, "lease_until": 99})
    assert await chat.other_process().store.turns.claim(turn, 99) is None


async def test_an_ended_or_erased_turn_is_neither_claimed_nor_cancelled(chat: FakeChat, turn: Turn) -> None:
    await end(chat, turn)
    assert await chat.store.turns.claim(turn, 99) is None
    assert await chat.store.turns.request_cancel(turn.id) is None
    await chat.store.turns.erase(turn.id)
    assert await chat.store.turns.claim(turn, 99) is None
    assert await chat.store.turns.request_cancel(turn.id) is None
    assert await chat.store.turns.get(turn.id) is None


async def test_a_cancel_request_sets_a_flag_and_may_be_repeated(chat: FakeChat, turn: Turn) -> None:
    for _ in range(2):
        flagged = await chat.store.turns.request_cancel(turn.id)
        assert flagged is not None
        assert flagged.cancel_requested
    assert (await chat.turn(turn.id)).state == "running"


async def test_a_turn_ends_once_and_by_its_current_attempt(chat: FakeChat, turn: Turn) -> None:
    with pytest.raises(Conflict):
        await end(chat, turn.model_copy(update={"attempt": 2}))
    await end(chat, turn)
    with pytest.raises(Conflict) as conflict:
        await end(chat, turn, "failed")
    assert (conflict.value.item("turn") or {})["state"] == "completed"


async def test_a_turn_cannot_be_put_twice(chat: FakeChat, turn: Turn) -> None:
    with pytest.raises(Conflict):
        await chat.commit([chat.store.turns.put_new(turn)])


async def test_many_turns_are_read_a_hundred_per_request(chat: FakeChat, turn: Turn) -> None:
    chat.dynamodb.page_bytes = MAX_PAGE_BYTES
    ids = [f"turn_{number}" for number in range(250)]
    for turn_id in ids:
        await chat.commit([chat.store.turns.put_new(turn.model_copy(update={"id": turn_id}))])
    found = await chat.store.turns.get_many([*ids, "turn_unknown"])
    assert {each.id for each in found} == set(ids)
    assert chat.dynamodb.calls.count("batch_get_item") == 3


async def test_turns_too_large_for_one_response_are_all_read(chat: FakeChat, turn: Turn) -> None:
    chat.dynamodb.page_bytes = MAX_PAGE_BYTES
    ids = [f"turn_{number}" for number in range(100)]
    for turn_id in ids:
        large = turn.model_copy(update={"id": turn_id, "tools": ["x" * 200_000]})
        await chat.commit([chat.store.turns.put_new(large)])
    assert {each.id for each in await chat.store.turns.get_many(ids)} == set(ids)
    assert chat.dynamodb.calls.count("batch_get_item") == 2


async def test_reading_no_turns_sends_no_request(chat: FakeChat) -> None:
    assert await chat.store.turns.get_many([]) == []
    assert "batch_get_item" not in chat.dynamodb.calls


async def test_unprocessed_keys_are_requested_again(chat: FakeChat, turn: Turn) -> None:
    read = chat.dynamodb.batch_get_item

    async def return_unprocessed(*, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 - the wire's name
        chat.dynamodb.batch_get_item = read  # type: ignore[method-assign]
        return {"Responses": {}, "UnprocessedKeys": RequestItems}

    chat.dynamodb.batch_get_item = return_unprocessed  # type: ignore[assignment, method-assign]
    assert [each.id for each in await chat.store.turns.get_many([turn.id])] == [turn.id]


async def test_erasing_removes_the_turn_and_its_invocations_only(chat: FakeChat, turn: Turn) -> None:
    other = (await chat.start(await chat.open())).turn
    await chat.store.turns.erase(turn.id)
    assert await chat.store.invocations.of_turn(turn.id) == []
    assert await chat.store.invocations.of_turn(other.id)


async def test_erasing_removes_a_turn_of_more_than_one_page(chat: FakeChat, turn: Turn) -> None:
    """Five tool rounds of 300 KB: one query returns at most 1 MB."""
    for number in range(5):
        content = [TextBlock(text="x" * 300_000)]
        await chat.commit(chat.store.rounds.put_new(turn.id, ToolRound(number=number, content=content, calls=[])))
    await chat.store.turns.erase(turn.id)
    assert [key for key in chat.stored_keys() if key == (f"TURN#{turn.id}", "META") or "TOOLS#" in key[1]] == []


async def test_the_invocations_of_a_turn_are_read_through_all_pages(chat: FakeChat, turn: Turn) -> None:
    (first,) = await chat.store.invocations.of_turn(turn.id)
    more = [first.model_copy(update={"id": f"inv_{number}"}) for number in range(7)]
    await chat.commit([chat.store.invocations.put(each) for each in more])
    chat.dynamodb.page_items = 3
    assert {each.id for each in await chat.store.invocations.of_turn(turn.id)} == {first.id, *(i.id for i in more)}


@pytest.mark.parametrize("change", ["renew", "claim", "request_cancel"])
async def test_a_throttled_update_raises_the_error(chat: FakeChat, turn: Turn, change: str) -> None:
    chat.dynamodb.fail("update_item", aws_error("ThrottlingException"))
    attempts = {
        "renew": chat.store.turns.renew(turn.id, 1, 99),
        "claim": chat.store.turns.claim(turn, 99),
        "request_cancel": chat.store.turns.request_cancel(turn.id),
    }
    with pytest.raises(ClientError):
        await attempts.pop(change)
    for each in attempts.values():
        each.close()  # type: ignore[attr-defined]
