"""People read their own messages and turns until the conversation is deleted."""

import pytest

from services.chat.turns.start import TurnRequest
from shared.identity import Principal
from shared.persistence.requests import Page, PageRequest
from shared.problems import Problem
from tests.fakes.chat_service import FakeChat, user

UNKNOWN = "turn_01J00000000000000000000000"


async def test_a_turn_is_readable_by_its_owner_only(chat: FakeChat) -> None:
    turn = await chat.ended_turn(await chat.open())
    assert await chat.conversations.turn(user("ann"), turn.id) == turn
    for caller, turn_id in (("bob", turn.id), ("ann", UNKNOWN)):
        with pytest.raises(Problem, match="not-found"):
            await chat.conversations.turn(user(caller), turn_id)


async def test_a_turn_of_a_deleted_or_erased_conversation_is_not_found(chat: FakeChat) -> None:
    head = await chat.open()
    turn = await chat.ended_turn(head)
    await chat.conversations.delete(user("ann"), head.id)
    with pytest.raises(Problem, match="not-found"):
        await chat.conversations.turn(user("ann"), turn.id)
    await chat.store.conversations.erase("ann", head.id)
    with pytest.raises(Problem, match="not-found"):
        await chat.conversations.turn(user("ann"), turn.id)


async def test_messages_are_listed_newest_first_page_by_page(chat: FakeChat) -> None:
    head = await chat.open()
    for number in range(3):
        await chat.ended_turn(head, f"Question {number}")
    whole = (await chat.conversations.messages(user("ann"), head.id, PageRequest(100))).items
    assert [each.role for each in whole] == ["assistant", "user"] * 3
    first = await chat.conversations.messages(user("ann"), head.id, PageRequest(4))
    second = await chat.conversations.messages(user("ann"), head.id, PageRequest(4, first.next_position))
    assert (len(first.items), second.next_position) == (4, None)
    assert first.items + second.items == whole


async def test_a_conversation_without_messages_has_an_empty_page(chat: FakeChat) -> None:
    head = await chat.open()
    assert await chat.conversations.messages(user("ann"), head.id, PageRequest(10)) == Page([])


async def test_a_turn_started_by_a_persons_machine_is_readable_by_the_person(chat: FakeChat) -> None:
    head = await chat.open()
    turn_request = TurnRequest(Principal("ann", "machine"), head.id, content=chat.turn_request(head).content)
    turn = (await chat.start_turn.start(turn_request, run_here=True)).turn
    assert await chat.conversations.turn(user("ann"), turn.id) == turn
