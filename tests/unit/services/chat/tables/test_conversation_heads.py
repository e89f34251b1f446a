"""Heads in the table: every change raises the version, and a deleted conversation accepts none."""

from services.chat.domain import Conversation
from shared.persistence.requests import PageRequest
from shared.persistence.transactions import Conflict, Write
from tests.fakes.chat_service import FakeChat


async def change(chat: FakeChat, write: Write) -> bool:
    try:
        await chat.commit([write])
    except Conflict:
        return False
    return True


async def test_every_change_raises_the_version(chat: FakeChat) -> None:
    heads, head = chat.store.conversations, await chat.open()
    now = chat.clock.now()
    assert await change(chat, heads.turn_started(head, "turn_1", "msg_1", "m", now))
    assert await change(chat, heads.renamed(head.renamed("Other", "owner")))
    assert await change(chat, heads.turn_ended("ann", head.id, "turn_1", "msg_2", now))
    found = await chat.head(head)
    assert (found.version, found.title, found.last_message_id, found.model) == (4, "Other", "msg_2", "m")


async def test_running_turns_are_added_and_removed_independently(chat: FakeChat) -> None:
    heads, head = chat.store.conversations, await chat.open()
    now = chat.clock.now()
    for turn_id in ("turn_1", "turn_2", "turn_2"):
        assert await change(chat, heads.turn_started(head, turn_id, "msg", "m", now))
    assert (await chat.head(head)).running_turns == {"turn_1", "turn_2"}
    for turn_id, left in (("turn_1", {"turn_2"}), ("turn_1", {"turn_2"}), ("turn_2", set())):
        assert await change(chat, heads.turn_ended("ann", head.id, turn_id, "msg", now))
        assert (await chat.head(head)).running_turns == left


async def test_a_title_of_the_service_replaces_no_other_title(chat: FakeChat) -> None:
    heads = chat.store.conversations
    untitled, titled = await chat.open(title=None), await chat.open(title="Mine")
    assert await change(chat, heads.renamed(untitled.renamed("Service's", "service")))
    assert not await change(chat, heads.renamed(untitled.renamed("Again", "service")))
    assert not await change(chat, heads.renamed(titled.renamed("Service's", "service")))
    assert await change(chat, heads.renamed(untitled.renamed("Owner's", "owner")))
    assert (await chat.head(untitled)).title == "Owner's"
    assert (await chat.head(titled)).title == "Mine"


async def test_a_deleted_or_unknown_conversation_accepts_no_change(chat: FakeChat) -> None:
    heads, head = chat.store.conversations, await chat.open()
    now = chat.clock.now()
    assert await change(chat, heads.turn_started(head, "turn_1", "msg_1", "m", now))
    assert await change(chat, heads.marked_deleted(head, now))
    before = await chat.head(head)
    unknown = Conversation(id="conv_0", owner_id="ann", created_at=now, updated_at=now)
    for each in (head, unknown):
        for write in (
            heads.turn_started(each, "turn_2", "msg_2", "m", now),
            heads.turn_ended("ann", each.id, "turn_1", "msg_2", now),
            heads.renamed(each.renamed("Back", "owner")),
            heads.marked_deleted(each, now),
        ):
            assert not await change(chat, write)
    assert await chat.head(head) == before
    assert before.running_turns == {"turn_1"}
    assert await heads.get("ann", "conv_0") is None


async def test_a_deleted_head_has_no_title_and_is_not_listed(chat: FakeChat) -> None:
    head = await chat.open(title="canary")
    await change(chat, chat.store.conversations.marked_deleted(head, chat.clock.now()))
    assert "canary" not in str([each for each in chat.dynamodb.items("chat") if each["pk"]["S"] == "USER#ann"])
    assert (await chat.store.conversations.page("ann", PageRequest(10))).items == []


async def test_a_head_cannot_be_put_twice(chat: FakeChat) -> None:
    head = await chat.open()
    assert not await change(chat, chat.store.conversations.put_new(head))
