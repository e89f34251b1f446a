"""Erasing a deleted conversation removes its messages, turns, logs and bodies; it may be repeated and interrupted."""

import asyncio

import pytest
from botocore.exceptions import ClientError

from services.chat.adapters.turn_queue import EraseConversation
from services.chat.domain import Conversation, TextBlock, ToolRound
from services.chat.tables.turn_log import RETENTION_S
from shared.events.consumer.messages import Postpone
from shared.llm.port import TextDelta
from tests.fakes.chat_models import END, FakeModels, answer
from tests.fakes.chat_service import LEASE_S, TABLE, TURNS, FakeChat, World, idempotent_request, until, user
from tests.fakes.faults import aws_error


async def erase(chat: FakeChat, head: Conversation, since: int | None = None) -> None:
    command = EraseConversation(
        conversation_id=head.id, owner_id=head.owner_id, since=chat.now() if since is None else since
    )
    await chat.erasure.erase(command)


async def test_erasing_removes_all_of_a_deleted_conversation(chat: FakeChat) -> None:
    head = await chat.open()
    chat.models.answers = answer("x" * 400_000)
    first = await chat.ended_turn(head)
    chat.models.answers = answer("Fine")
    await chat.ended_turn(head, answer_to=first.user_message_id)
    await chat.ended_turn(head, "y" * 400_000)
    assert len(chat.world.s3.objects) == 2
    await chat.conversations.delete(user("ann"), head.id)
    await erase(chat, head)
    assert chat.stored_keys() == []
    assert chat.world.s3.objects == {}


async def test_erasing_keeps_other_conversations(chat: FakeChat) -> None:
    head, other, bobs = await chat.open(), await chat.open(), await chat.open("bob")
    kept = [await chat.ended_turn(each) for each in (other, bobs)]
    await chat.ended_turn(head)
    await chat.conversations.delete(user("ann"), head.id)
    await erase(chat, head)
    for turn in kept:
        assert (await chat.message(turn)).content
        assert await chat.log(turn)
    assert await chat.conversations.get(user("ann"), other.id)


async def test_erasing_twice_changes_nothing(chat: FakeChat) -> None:
    head = await chat.open()
    await chat.ended_turn(head)
    await chat.conversations.delete(user("ann"), head.id)
    await erase(chat, head)
    event_count = len(chat.outbox_events())
    await erase(chat, head)
    assert (chat.stored_keys(), len(chat.outbox_events())) == ([], event_count)


@pytest.mark.parametrize("successful_deletions", range(5))
async def test_an_erasure_that_failed_at_any_deletion_can_be_finished(
    chat: FakeChat, successful_deletions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Log, turn, messages, body and head are removed by one deletion each."""
    chat.models.answers = answer("x" * 400_000)
    head = await chat.open()
    await chat.ended_turn(head)
    await chat.conversations.delete(user("ann"), head.id)
    deletions = 0

    def fail_after(operation: str) -> None:
        nonlocal deletions
        deletions += operation in {"delete_item", "batch_write_item", "delete_object"}
        if deletions > successful_deletions:
            raise aws_error("InternalServerError")

    with monkeypatch.context() as patch:
        patch.setattr(chat.dynamodb, "_called", fail_after)
        patch.setattr(chat.world.s3, "_called", fail_after)
        with pytest.raises(ClientError):
            await erase(chat, head)
    await erase(chat, head)
    assert chat.stored_keys() == []
    assert chat.world.s3.objects == {}


async def test_a_turn_with_more_than_a_page_of_tool_rounds_is_erased(chat: FakeChat) -> None:
    """1.5 MB of tool rounds: one query returns at most 1 MB."""
    head = await chat.open()
    turn = await chat.ended_turn(head)
    for number in range(1, 6):
        content = [TextBlock(text="x" * 300_000)]
        await chat.commit(chat.store.rounds.put_new(turn.id, ToolRound(number=number, content=content, calls=[])))
    await chat.conversations.delete(user("ann"), head.id)
    await erase(chat, head)
    assert chat.stored_keys() == []


async def test_only_the_digest_of_an_idempotency_key_is_left_for_a_day(chat: FakeChat) -> None:
    head = await chat.open()
    _, task = await chat.running_turn(head, idempotency=idempotent_request())
    await task
    await chat.conversations.delete(user("ann"), head.id)
    await erase(chat, head)
    ((pk, sk),) = chat.stored_keys()
    assert (pk, sk[:5]) == ("USER#ann", "IDEM#")
    (left,) = [item for item in chat.dynamodb.items(TABLE) if item["sk"]["S"] == sk]
    assert set(left) == {"pk", "sk", "body", "made", "ttl", "v"}
    (running,) = [item for item in chat.dynamodb.items(TABLE) if item["sk"]["S"] == "RUNNING"]
    assert "turns" not in running


async def test_erasing_a_conversation_not_marked_as_deleted_is_postponed_then_dropped(chat: FakeChat) -> None:
    head = await chat.open()
    since = chat.now()
    with pytest.raises(Postpone):
        await erase(chat, head, since)
    chat.clock.advance(60)
    await erase(chat, head, since)
    assert await chat.conversations.get(user("ann"), head.id)


async def test_running_turns_are_cancelled_before_the_erasure() -> None:
    chat = FakeChat(World(FakeModels(TextDelta("Hel"), asyncio.Event())))
    head = await chat.open()
    turn, _ = await chat.running_turn(head)
    await until(lambda: (live := chat.broadcast.find(turn.id)) and len(live._frames) == 2)
    await chat.conversations.delete(user("ann"), head.id)
    await erase(chat, head)
    assert [each.type for each in chat.outbox_events("chat.turn")] == ["chat.turn.started", "chat.turn.cancelled"]
    assert [each.data["state"] for each in chat.outbox_events("model.invoked")] == ["opened", "settled"]
    assert chat.stored_keys() == []


async def test_erasing_is_postponed_while_a_turn_runs_in_another_process() -> None:
    chat = FakeChat(World(FakeModels(TextDelta("Hel"), asyncio.Event())))
    head = await chat.open()
    turn, task = await chat.running_turn(head)
    await until(lambda: (live := chat.broadcast.find(turn.id)) and len(live._frames) == 2)
    await chat.conversations.delete(user("ann"), head.id)
    other = chat.other_process()
    with pytest.raises(Postpone):
        await erase(other, head)
    assert await chat.log(turn)
    chat.leases.notify_cancelled(turn.id)
    await task
    await erase(other, head)
    assert chat.stored_keys() == []


async def test_a_queued_turn_of_an_erased_conversation_is_never_run(chat: FakeChat) -> None:
    head = await chat.open()
    turn = (await chat.start(head, run_here=False)).turn
    await chat.conversations.delete(user("ann"), head.id)
    await erase(chat, head)
    with pytest.raises(Postpone):
        await chat.receive_run_turn(turn.id)
    assert (chat.models.requests, chat.stored_keys()) == ([], [])


async def test_an_abandoned_turn_does_not_delay_the_erasure(chat: FakeChat) -> None:
    head = await chat.open()
    await chat.abandoned_turn(head, "x")
    await chat.conversations.delete(user("ann"), head.id)
    await erase(chat, head)
    assert chat.stored_keys() == []


async def test_an_expired_log_is_erased(chat: FakeChat) -> None:
    """DynamoDB may delete expired items late and in any order."""
    head = await chat.open()
    turn = await chat.ended_turn(head)
    chat.clock.advance(RETENTION_S + 1)
    await chat.dynamodb.delete_item(TableName="turn-log", Key={"pk": {"S": f"TURN#{turn.id}"}, "sk": {"S": "00000002"}})
    await chat.conversations.delete(user("ann"), head.id)
    await erase(chat, head)
    assert chat.stored_keys() == []


async def test_a_title_generated_after_the_erasure_stores_nothing_but_is_metered() -> None:
    proceed = asyncio.Event()
    chat = FakeChat()
    chat.models.titles = [TextDelta("Late"), proceed, *END]
    head = await chat.open(title=None)
    await chat.ended_turn(head)
    await chat.conversations.delete(user("ann"), head.id)
    await erase(chat, head)
    proceed.set()
    await until(lambda: not chat.tasks._tasks)
    assert chat.stored_keys() == []
    titles = [each.data for each in chat.outbox_events("model.invoked") if each.data["purpose"] == "title"]
    assert [each["state"] for each in titles] == ["opened", "settled"]


async def test_deleting_enqueues_a_command_that_erases(chat: FakeChat) -> None:
    head = await chat.open()
    await chat.ended_turn(head)
    await chat.conversations.delete(user("ann"), head.id)
    (body,) = [each for each in chat.world.sqs.bodies(TURNS) if "owner_id" in each]
    await chat.receive_command(EraseConversation.model_validate_json(body))
    assert chat.stored_keys() == []


async def test_a_run_command_after_the_erasure_does_nothing(chat: FakeChat) -> None:
    head = await chat.open()
    turn = await chat.ended_turn(head)
    since = chat.now()
    await chat.conversations.delete(user("ann"), head.id)
    await erase(chat, head)
    chat.clock.advance(60 + LEASE_S)
    await chat.receive_run_turn(turn.id, since)
    assert chat.stored_keys() == []
