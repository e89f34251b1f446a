"""Owners open, list, rename and delete their conversations; other users cannot."""

import asyncio
import re

import pytest

from services.chat.adapters.turn_queue import EraseConversation
from services.chat.domain import Conversation
from services.chat.tables.conversations import activity
from shared.ids import id_pattern
from shared.persistence.requests import IdempotentRequest, PageRequest, Position
from shared.problems import Problem
from tests.fakes.chat_service import TABLE, TURNS, FakeChat, idempotent_request, user
from tests.fakes.faults import aws_error

UNKNOWN = "conv_01J00000000000000000000000"


async def opened(chat: FakeChat, count: int, owner: str = "ann") -> list[Conversation]:
    """Open conversations one second apart; the oldest is first."""
    heads = []
    for _ in range(count):
        chat.clock.advance(1)
        heads.append(await chat.open(owner))
    return heads


async def listed(chat: FakeChat, owner: str = "ann", limit: int = 100) -> list[str]:
    """Read the whole list page by page; return the ids."""
    found: list[str] = []
    position: Position | None = None
    while True:
        page = await chat.conversations.page(user(owner), PageRequest(limit, position))
        assert len(page.items) <= limit
        found += [head.id for head in page.items]
        if (position := page.next_position) is None:
            return found


async def test_a_conversation_is_opened_and_read_back(chat: FakeChat) -> None:
    head = await chat.conversations.open(user("ann"), "Trip", None)
    assert re.fullmatch(id_pattern("conv"), head.id)
    assert await chat.conversations.get(user("ann"), head.id) == head
    assert (head.title, head.title_source, head.version, head.created_at) == ("Trip", "owner", 1, chat.clock.now())


async def test_a_conversation_opened_without_a_title_has_the_default_title(chat: FakeChat) -> None:
    head = await chat.conversations.open(user("ann"), None, None)
    assert (head.title, head.title_source) == ("", "default")
    assert (await chat.conversations.get(user("ann"), head.id)).title == ""


async def test_the_created_event_does_not_contain_the_title(chat: FakeChat) -> None:
    head = await chat.open(title="canary")
    (event,) = chat.outbox_events()
    assert (event.type, event.subject, event.sequence) == ("chat.conversation.created", head.id, 1)
    assert "canary" not in event.model_dump_json()


async def test_the_same_key_opens_one_conversation(chat: FakeChat) -> None:
    results = await asyncio.gather(
        *(chat.other_process().conversations.open(user("ann"), "Trip", idempotent_request()) for _ in range(8))
    )
    assert len({head.id for head in results}) == 1
    assert await listed(chat) == [results[0].id]
    assert len(chat.outbox_events("created")) == 1


async def test_a_used_key_with_another_body_is_refused(chat: FakeChat) -> None:
    await chat.conversations.open(user("ann"), "Trip", idempotent_request())
    with pytest.raises(Problem, match="idempotency-key-reused"):
        await chat.conversations.open(user("ann"), "Other", idempotent_request(body="other"))


async def test_the_key_of_a_deleted_conversation_opens_no_new_conversation(chat: FakeChat) -> None:
    head = await chat.conversations.open(user("ann"), "Trip", idempotent_request())
    await chat.conversations.delete(user("ann"), head.id)
    with pytest.raises(Problem, match="not-found"):
        await chat.conversations.open(user("ann"), "Trip", idempotent_request())


async def test_an_id_that_already_exists_is_a_conflict(chat: FakeChat) -> None:
    head = await chat.open(title="First")

    class SameIds:
        def new(self, _prefix: str) -> str:
            return head.id

    chat.conversations._ids = SameIds()
    with pytest.raises(Problem, match="conflict"):
        await chat.conversations.open(user("ann"), "Second", IdempotentRequest("ann", "POST", "k", "b"))
    assert (await chat.conversations.get(user("ann"), head.id)).title == "First"


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
async def test_a_list_is_newest_first_in_pages_of_any_size(chat: FakeChat, limit: int) -> None:
    heads = await opened(chat, 5)
    await opened(chat, 2, "bob")
    assert await listed(chat, limit=limit) == [head.id for head in reversed(heads)]


async def test_a_turn_moves_its_conversation_to_the_top(chat: FakeChat) -> None:
    first, second = await opened(chat, 2)
    chat.clock.advance(1)
    await chat.ended_turn(first)
    assert await listed(chat) == [first.id, second.id]


async def test_a_rename_does_not_move_a_conversation(chat: FakeChat) -> None:
    first, second = await opened(chat, 2)
    chat.clock.advance(1)
    await chat.conversations.rename(user("ann"), first.id, "Other")
    assert await listed(chat) == [second.id, first.id]


async def test_two_conversations_of_the_same_millisecond_are_both_listed(chat: FakeChat) -> None:
    heads = [await chat.open(), await chat.open()]
    assert sorted(await listed(chat, limit=1)) == sorted(head.id for head in heads)


async def test_a_list_contains_conversations_only(chat: FakeChat) -> None:
    head = await chat.conversations.open(user("ann"), "Trip", idempotent_request())
    assert {item["sk"]["S"].partition("#")[0] for item in chat.dynamodb.items(TABLE)} > {"CONV", "IDEM"}
    assert await listed(chat) == [head.id]


def test_the_activity_key_sorts_by_time(chat: FakeChat) -> None:
    early = activity(chat.clock.now(), UNKNOWN)
    chat.clock.advance(0.001)
    assert early < activity(chat.clock.now(), UNKNOWN)


async def test_a_rename_is_stored_and_published_without_the_title(chat: FakeChat) -> None:
    head = await chat.open()
    renamed = await chat.conversations.rename(user("ann"), head.id, "canary")
    assert await chat.conversations.get(user("ann"), head.id) == renamed
    assert (renamed.title, renamed.title_source, renamed.version) == ("canary", "owner", 2)
    (event,) = chat.outbox_events("renamed")
    assert (event.sequence, event.data["renamed_by"]) == (2, "owner")
    assert "canary" not in event.model_dump_json()


@pytest.mark.parametrize("owner", ["bob", "", "ann/CONV"])
async def test_another_persons_conversation_cannot_be_read_renamed_or_deleted(chat: FakeChat, owner: str) -> None:
    head = await chat.open()
    for attempt in (
        chat.conversations.get(user(owner), head.id),
        chat.conversations.rename(user(owner), head.id, "Mine"),
        chat.conversations.delete(user(owner), head.id),
    ):
        with pytest.raises(Problem, match="not-found"):
            await attempt
    assert await chat.conversations.get(user("ann"), head.id) == head
    assert chat.world.sqs.bodies(TURNS) == []


async def test_a_deleted_conversation_is_not_found_at_once(chat: FakeChat) -> None:
    head, other = await opened(chat, 2)
    await chat.conversations.delete(user("ann"), head.id)
    assert await listed(chat) == [other.id]
    for attempt in (
        chat.conversations.get(user("ann"), head.id),
        chat.conversations.rename(user("ann"), head.id, "Back"),
        chat.conversations.delete(user("ann"), head.id),
    ):
        with pytest.raises(Problem, match="not-found"):
            await attempt
    marked = await chat.head(head)
    assert (marked.title, marked.deleted_at) == ("", chat.clock.now())


async def test_the_erase_command_is_sent_before_the_conversation_is_marked_as_deleted(chat: FakeChat) -> None:
    head = await chat.open()
    chat.dynamodb.fail("transact_write_items", aws_error("ValidationException"))
    with pytest.raises(Exception, match="ValidationException"):
        await chat.conversations.delete(user("ann"), head.id)
    (body,) = chat.world.sqs.bodies(TURNS)
    command = EraseConversation.model_validate_json(body)
    assert (command.conversation_id, command.owner_id, command.since) == (head.id, "ann", chat.now())
    assert await chat.conversations.get(user("ann"), head.id) == head


async def test_of_two_concurrent_deletions_one_is_not_found(chat: FakeChat) -> None:
    head = await chat.open()
    results = await asyncio.gather(
        *(chat.other_process().conversations.delete(user("ann"), head.id) for _ in range(2)), return_exceptions=True
    )
    assert sorted(str(each) for each in results) == ["None", "not-found"]
    assert len(chat.outbox_events("deleted")) == 1


async def test_the_deleted_event_has_a_higher_sequence_than_a_concurrent_rename(chat: FakeChat) -> None:
    """Consumers order events by `sequence`: a concurrent rename must not come after the deletion."""
    head = await chat.open()
    await chat.conversations.rename(user("ann"), head.id, "One")
    get_head = chat.store.conversations.get

    async def get_then_rename(owner_id: str, conversation_id: str) -> Conversation | None:
        chat.store.conversations.get = get_head  # type: ignore[method-assign]
        found = await get_head(owner_id, conversation_id)
        await chat.other_process().conversations.rename(user("ann"), head.id, "Two")
        return found

    chat.store.conversations.get = get_then_rename  # type: ignore[method-assign]
    await chat.conversations.delete(user("ann"), head.id)
    (deleted,) = chat.outbox_events("deleted")
    assert all(deleted.sequence > each.sequence for each in chat.outbox_events() if each.id != deleted.id)


async def test_all_conversations_of_one_person_can_be_deleted_at_once(chat: FakeChat) -> None:
    await opened(chat, 120)
    (bobs,) = await opened(chat, 1, "bob")
    assert await chat.conversations.delete_all(user("ann")) == 120
    assert await listed(chat) == []
    assert await listed(chat, "bob") == [bobs.id]
    assert len(chat.outbox_events("deleted")) == 120
    assert await chat.conversations.delete_all(user("ann")) == 0


async def test_two_concurrent_requests_to_delete_all_delete_each_conversation_once(chat: FakeChat) -> None:
    await opened(chat, 10)
    counts = await asyncio.gather(*(chat.other_process().conversations.delete_all(user("ann")) for _ in range(2)))
    assert sum(counts) == 10
    assert len(chat.outbox_events("deleted")) == 10


async def test_an_error_while_deleting_all_is_raised(chat: FakeChat) -> None:
    await opened(chat, 3)
    chat.world.sqs.fail("send_message", aws_error("ServiceUnavailable"))
    with pytest.raises(Exception, match="ServiceUnavailable"):
        await chat.conversations.delete_all(user("ann"))
