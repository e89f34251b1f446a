"""Items in the tables: their keys, their version, and reading items of older releases."""

from typing import Any

import pytest

from services.chat.tables.store import Store
from shared.aws import to_item
from shared.persistence.transactions import Conflict
from tests.fakes.chat_service import LOG, TABLE, FakeChat, idempotent_request, user


def item(chat: FakeChat, pk: str, sk: str, table: str = TABLE) -> dict[str, Any]:
    (found,) = [
        each for each in chat.dynamodb.items(table) if each["pk"]["S"].startswith(pk) and each["sk"]["S"].startswith(sk)
    ]
    return found


async def test_every_kind_of_item_has_its_key(chat: FakeChat) -> None:
    head = await chat.conversations.open(user("ann"), "Trip", idempotent_request())
    turn = await chat.ended_turn(head)
    invocation = await chat.invocation(turn)
    stored = set(chat.stored_keys())
    assert stored >= {
        ("USER#ann", f"CONV#{head.id}"),
        (f"CONV#{head.id}", f"MSG#{turn.user_message_id}"),
        (f"CONV#{head.id}", f"MSG#{turn.message_id}"),
        (f"TURN#{turn.id}", "META"),
        (f"TURN#{turn.id}", f"INV#{invocation.id}"),
        (f"TURN#{turn.id}", "00000001"),
    }
    assert len([sk for pk, sk in stored if pk == "USER#ann" and sk.startswith("IDEM#")]) == 1


async def test_every_item_has_a_version(chat: FakeChat) -> None:
    await chat.ended_turn(await chat.conversations.open(user("ann"), "Trip", idempotent_request()))
    for table in (TABLE, LOG):
        assert all(each["v"] == {"N": "1"} for each in chat.dynamodb.items(table))


async def test_only_frames_and_idempotency_keys_expire(chat: FakeChat) -> None:
    await chat.ended_turn(await chat.conversations.open(user("ann"), "Trip", idempotent_request()))
    assert all("ttl" in each for each in chat.dynamodb.items(LOG))
    expiring = [each["sk"]["S"] for each in chat.dynamodb.items(TABLE) if "ttl" in each]
    assert [sk.partition("#")[0] for sk in expiring] == ["IDEM"]


async def rewrite(chat: FakeChat, pk: str, sk: str, *without: str, **changed: object) -> None:
    """Rewrite an item as an older or a newer release might have written it."""
    old = item(chat, pk, sk)
    new = {name: value for name, value in old.items() if name not in without} | to_item(changed)
    await chat.dynamodb.put_item(TableName=TABLE, Item=new)


async def test_a_head_of_an_older_release_is_read(chat: FakeChat) -> None:
    head = await chat.open()
    await rewrite(chat, "USER#", "CONV#", "title_source", "version", "title", v=0)
    old = await chat.head(head)
    assert (old.title, old.title_source, old.version, old.running_turns) == ("", "default", 1, frozenset())


async def test_a_turn_of_an_older_release_is_read(chat: FakeChat) -> None:
    turn = (await chat.start(await chat.open())).turn
    await rewrite(
        chat, "TURN#", "META", "principal_kind", "reasoning", "makes_title", "cancel_requested", "traceparent", v=0
    )
    assert await chat.turn(turn.id) == turn


async def test_a_message_of_an_older_release_is_read(chat: FakeChat) -> None:
    turn = await chat.ended_turn(await chat.open())
    await rewrite(chat, "CONV#", f"MSG#{turn.user_message_id}", "status", v=0)
    found = await chat.store.messages.get(turn.conversation_id, turn.user_message_id)
    assert found is not None
    assert (found.status, found.parent_id, found.usage) == ("complete", None, None)


@pytest.mark.parametrize(("pk", "sk"), [("USER#", "CONV#"), ("TURN#", "META"), ("TURN#", "INV#")])
async def test_an_attribute_of_a_newer_release_is_ignored(chat: FakeChat, pk: str, sk: str) -> None:
    head = await chat.open()
    turn = await chat.ended_turn(head)
    before = (await chat.head(head), await chat.turn(turn.id), await chat.invocation(turn))
    await rewrite(chat, pk, sk, added_later="x", v=2)
    assert (await chat.head(head), await chat.turn(turn.id), await chat.invocation(turn)) == before


async def test_the_store_uses_the_table_names_of_the_settings(chat: FakeChat) -> None:
    other = Store.from_settings(
        chat.dynamodb,  # type: ignore[arg-type]
        chat.settings.model_copy(update={"table": "other", "turn_log_table": "other-log"}),
        bodies=chat.store.messages._bodies,
        clock=chat.clock,
        notify=chat.notified.extend,
    )
    turn = await chat.ended_turn(await chat.open())
    assert await other.turns.get(turn.id) is None
    assert await other.log.after(turn.id, 0) == []


async def test_the_relay_is_not_notified_of_a_commit_without_events_or_a_failed_one(chat: FakeChat) -> None:
    head = await chat.open()
    chat.notified.clear()
    await chat.commit([chat.store.conversations.marked_deleted(head, chat.clock.now())])
    again = {"conversation": chat.store.conversations.put_new(head)}
    with pytest.raises(Conflict, match="conversation"):
        await chat.commit(again, [chat.events.conversation_created(head)])
    assert chat.notified == []
