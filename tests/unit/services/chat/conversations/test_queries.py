"""What people may read: their own messages and turns, while the conversation lives."""

from services.chat.turns.start import TurnRequest
from shared.identity import Principal
from tests.fakes.chat_service import FakeChat

UNKNOWN = "turn_01J00000000000000000000000"


async def test_a_turn_is_its_owners(chat: FakeChat) -> None:
    turn = await chat.answered(await chat.open())
    assert await chat.reading.turn("ann", turn.id) == turn
    assert await chat.reading.turn("bob", turn.id) is None
    assert await chat.reading.turn("ann", UNKNOWN) is None


async def test_a_turn_of_a_deleted_or_erased_conversation_is_not_there(chat: FakeChat) -> None:
    head = await chat.open()
    turn = await chat.answered(head)
    await chat.conversations.delete("ann", head.id)
    assert await chat.reading.turn("ann", turn.id) is None
    await chat.store.conversations.erase("ann", head.id)
    assert await chat.reading.turn("ann", turn.id) is None


async def test_messages_come_newest_first_page_by_page(chat: FakeChat) -> None:
    head = await chat.open()
    for number in range(3):
        await chat.answered(head, f"Question {number}")
    whole, _ = await chat.reading.messages(head.id, 100, None)
    assert [each.role for each in whole] == ["assistant", "user"] * 3
    seen, before = [], None
    while True:
        page, before = await chat.reading.messages(head.id, 4, before)
        seen += page
        if before is None:
            break
    assert seen == whole


async def test_a_conversation_without_messages_is_an_empty_page(chat: FakeChat) -> None:
    head = await chat.open()
    assert await chat.reading.messages(head.id, 10, None) == ([], None)


async def test_a_machine_that_acts_for_a_person_reads_what_is_theirs(chat: FakeChat) -> None:
    head = await chat.open()
    ask = TurnRequest(Principal("ann", "machine"), head.id, content=chat.ask(head).content)
    turn = (await chat.starting.start(ask, here=True)).turn
    assert await chat.reading.turn("ann", turn.id) == turn
