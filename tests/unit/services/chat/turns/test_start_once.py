"""Idempotency-Key: however often a message is sent, in any process, it is stored and answered once."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chat.turns.start import StartedTurn
from shared.persistence.idempotency import RETENTION_S
from shared.problems import Problem
from tests.fakes.chat_service import FakeChat, idempotent_request
from tests.fakes.faults import aws_error


async def test_a_message_sent_again_is_the_same_turn(chat: FakeChat) -> None:
    head = await chat.open()
    first = await chat.start(head, idempotency=idempotent_request())
    again = await chat.start(head, idempotency=idempotent_request())
    assert again.turn.id == first.turn.id
    assert again.run is None
    assert len(chat.outbox_events("turn.started")) == 1


async def test_a_message_sent_again_after_its_end_returns_the_ended_turn(chat: FakeChat) -> None:
    head = await chat.open()
    await chat.ended_turn(head, idempotency=idempotent_request())
    again = await chat.start(head, idempotency=idempotent_request())
    assert again.turn.state == "completed"
    assert len(await chat.tree(head.id)) == 2


async def test_the_key_with_another_body_is_refused(chat: FakeChat) -> None:
    head = await chat.open()
    await chat.start(head, idempotency=idempotent_request())
    with pytest.raises(Problem, match="idempotency-key-reused"):
        await chat.start(head, idempotency=idempotent_request(body="another"))


async def test_the_keys_of_two_persons_are_independent(chat: FakeChat) -> None:
    first = await chat.start(await chat.open("ann"), idempotency=idempotent_request(owner="ann"))
    second = await chat.start(await chat.open("bob"), idempotency=idempotent_request(owner="bob"))
    assert first.turn.id != second.turn.id


async def test_a_key_is_forgotten_after_a_day(chat: FakeChat) -> None:
    head = await chat.open()
    first = await chat.ended_turn(head, idempotency=idempotent_request())
    chat.clock.advance(RETENTION_S)
    second = await chat.start(head, idempotency=idempotent_request(body="another"))
    assert second.turn.id != first.id


async def test_a_key_of_a_start_that_failed_can_be_used_again(chat: FakeChat) -> None:
    head = await chat.open()
    with pytest.raises(Problem, match="model-not-found"):
        await chat.start(head, idempotency=idempotent_request(), model="none")
    assert (await chat.start(head, idempotency=idempotent_request())).run


async def test_after_a_commit_whose_response_was_lost_the_retry_finds_the_turn(
    chat: FakeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = await chat.open()
    write = chat.dynamodb.transact_write_items

    async def write_and_lose(**request: Any) -> None:
        await write(**request)
        raise aws_error("RequestTimeout")

    with monkeypatch.context() as losing:
        losing.setattr(chat.dynamodb, "transact_write_items", write_and_lose)
        with pytest.raises(Exception, match="RequestTimeout"):
            await chat.start(head, idempotency=idempotent_request())
    again = await chat.start(head, idempotency=idempotent_request())
    assert again.turn.id in (await chat.head(head)).running_turns
    assert len(chat.outbox_events("turn.started")) == 1


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=2, max_size=6))
@settings(deadline=None, max_examples=40)
def test_any_number_of_requests_in_any_process_start_one_turn(sends: list[tuple[bool, int]]) -> None:
    asyncio.run(_race(sends))


async def _race(sends: list[tuple[bool, int]]) -> None:
    chat = FakeChat()
    processes = (chat, chat.other_process())
    head = await chat.open()

    async def send(elsewhere: bool, pause: int) -> StartedTurn:
        for _ in range(pause):
            await asyncio.sleep(0)
        return await processes[elsewhere].start(head, idempotency=idempotent_request())

    started = await asyncio.gather(*(send(*each) for each in sends))
    assert len({each.turn.id for each in started}) == 1
    assert sum(each.run is not None for each in started) == 1
    assert len(await chat.tree(head.id)) == 1
    assert len(chat.outbox_events("turn.started")) == len(chat.outbox_events("model.invoked")) == 1
    assert (await chat.head(head)).running_turns == {started[0].turn.id}
