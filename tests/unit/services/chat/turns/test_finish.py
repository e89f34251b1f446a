"""A turn's end: frames, answer, turn, conversation and event together, under the fence, never against a deletion."""

import json

import pytest

from services.chat.domain import Frame, TextBlock, Turn, TurnUsage
from services.chat.tables import FencedError
from services.chat.turns.finish import TurnOutcome, turn_problem
from tests.fakes.chat_service import FakeChat, user
from tests.fakes.faults import aws_error

USAGE = TurnUsage(input_tokens=3, output_tokens=2, cost_nano_usd=13_000, basis="reported")
COMPLETED = TurnOutcome("completed", [TextBlock(text="Hi")], USAGE, "end_turn")


async def running(chat: FakeChat) -> Turn:
    return (await chat.start(await chat.open())).turn


def ended_events(chat: FakeChat) -> list[str]:
    return [each.type for each in chat.outbox_events("chat.turn")][1:]


async def test_everything_of_an_end_is_written_in_one_transaction(chat: FakeChat) -> None:
    turn = await running(chat)
    before = chat.dynamodb.calls.count("transact_write_items")
    chat.clock.advance(4)
    frames = await chat.finish_turn.finish(turn, COMPLETED, 1)
    assert chat.dynamodb.calls.count("transact_write_items") == before + 1
    assert (await chat.log(turn))[1:] == frames
    now = await chat.turn(turn.id)
    assert (now.state, now.ended_at, now.stop_reason, now.usage) == ("completed", chat.clock.now(), "end_turn", USAGE)
    assert (await chat.message(turn)).content == [TextBlock(text="Hi")]
    assert ended_events(chat) == ["chat.turn.completed"]
    assert chat.notified[-1].type == "chat.turn.completed"


async def test_the_last_frames_follow_the_earlier_ones(chat: FakeChat) -> None:
    turn = await running(chat)
    await chat.store.log.append(turn.id, Frame(2, "message.delta", '{"text":"Hi"}', 1))
    frames = await chat.finish_turn.finish(turn, COMPLETED, 2)
    assert [(frame.seq, frame.event) for frame in frames] == [(3, "usage"), (4, "turn.completed")]


@pytest.mark.parametrize(
    ("outcome", "event", "data", "status"),
    [
        (
            TurnOutcome("completed", stop_reason="max_tokens"),
            "turn.completed",
            {"stop_reason": "max_tokens"},
            "complete",
        ),
        (TurnOutcome("cancelled"), "turn.cancelled", {}, "cancelled"),
        (
            TurnOutcome("failed", problem=turn_problem("model-silent", "t")),
            "turn.failed",
            {"type": "/problems/model-silent", "retryable": True, "status": 504, "instance": "t"},
            "failed",
        ),
    ],
)
async def test_each_end_has_its_frame_its_event_and_its_message(
    chat: FakeChat, outcome: TurnOutcome, event: str, data: dict[str, object], status: str
) -> None:
    turn = await running(chat)
    (frame,) = await chat.finish_turn.finish(turn, outcome, 1)
    assert frame.event == event
    assert data.items() <= json.loads(frame.data).items() | {"instance": "t"}.items()
    assert ended_events(chat) == [f"chat.{event}"]
    assert (await chat.message(turn)).status == status


async def test_a_usage_frame_is_written_only_if_there_is_usage(chat: FakeChat) -> None:
    turn = await running(chat)
    assert [frame.event for frame in await chat.finish_turn.finish(turn, TurnOutcome("cancelled"), 1)] == [
        "turn.cancelled"
    ]


async def test_a_turn_ends_once(chat: FakeChat) -> None:
    turn = await running(chat)
    await chat.finish_turn.finish(turn, COMPLETED, 1)
    with pytest.raises(FencedError):
        await chat.finish_turn.finish(turn, TurnOutcome("cancelled"), 3)
    with pytest.raises(FencedError):
        await chat.finish_turn.finish(turn, TurnOutcome("cancelled"), 1)
    assert (await chat.turn(turn.id)).state == "completed"
    assert ended_events(chat) == ["chat.turn.completed"]


async def test_a_replaced_runner_cannot_end_the_turn(chat: FakeChat) -> None:
    turn = await running(chat)
    await chat.store.turns.claim(turn, 1)
    with pytest.raises(FencedError):
        await chat.finish_turn.finish(turn, COMPLETED, 1)
    assert (await chat.turn(turn.id)).state == "running"
    assert len(await chat.log(turn)) == 1
    assert ended_events(chat) == []


async def test_a_runner_that_has_not_read_the_whole_log_cannot_end_the_turn(chat: FakeChat) -> None:
    turn = await running(chat)
    await chat.store.log.append(turn.id, Frame(2, "message.delta", '{"text":"Hi"}', 1))
    with pytest.raises(FencedError):
        await chat.finish_turn.finish(turn, COMPLETED, 1)
    assert (await chat.turn(turn.id)).state == "running"


async def test_a_commit_whose_response_was_lost_is_recognised_as_ours(chat: FakeChat) -> None:
    turn = await running(chat)
    write = chat.dynamodb.transact_write_items

    async def write_and_lose(**request: object) -> object:
        chat.dynamodb.transact_write_items = write  # type: ignore[method-assign]
        await write(**request)  # type: ignore[arg-type]
        return await write(**request | {"ClientRequestToken": "another process's"})  # type: ignore[arg-type]

    chat.dynamodb.transact_write_items = write_and_lose  # type: ignore[assignment, method-assign]
    frames = await chat.finish_turn.finish(turn, COMPLETED, 1)
    assert (await chat.log(turn))[1:] == frames
    assert ended_events(chat) == ["chat.turn.completed"]


async def test_a_conflict_with_another_transaction_is_retried(chat: FakeChat) -> None:
    turn = await running(chat)
    reasons = [{"Code": "None"}, {"Code": "TransactionConflict"}]
    error = aws_error("TransactionCanceledException", "TransactWriteItems", CancellationReasons=reasons)
    chat.dynamodb.fail("transact_write_items", error, times=2)
    await chat.finish_turn.finish(turn, COMPLETED, 1)
    assert (await chat.turn(turn.id)).state == "completed"


async def test_a_deleted_conversation_stays_deleted_and_its_turn_ends(chat: FakeChat) -> None:
    turn = await running(chat)
    head = await chat.conversations.get(user("ann"), turn.conversation_id)
    await chat.conversations.delete(user("ann"), head.id)
    before = await chat.head(head)
    frames = await chat.finish_turn.finish(turn, COMPLETED, 1)
    assert [frame.event for frame in frames] == ["usage", "turn.completed"]
    assert (await chat.log(turn))[1:] == frames
    assert (await chat.turn(turn.id)).state == "completed"
    assert await chat.head(head) == before
    assert await chat.store.messages.get(head.id, turn.message_id) is None
    assert ended_events(chat) == ["chat.turn.completed"]


async def test_an_erased_conversation_does_not_come_back(chat: FakeChat) -> None:
    turn = await running(chat)
    await chat.store.messages.erase(turn.conversation_id)
    await chat.store.conversations.erase("ann", turn.conversation_id)
    await chat.finish_turn.finish(turn, COMPLETED, 1)
    assert {pk.partition("#")[0] for pk, _ in chat.stored_keys()} == {"TURN"}


async def test_a_deleted_conversations_turn_is_fenced_like_any_other(chat: FakeChat) -> None:
    turn = await running(chat)
    await chat.conversations.delete(user("ann"), turn.conversation_id)
    await chat.store.turns.claim(turn, 1)
    with pytest.raises(FencedError):
        await chat.finish_turn.finish(turn, COMPLETED, 1)
    assert ended_events(chat) == []


async def test_an_answer_too_large_for_an_item_is_stored_completely(chat: FakeChat) -> None:
    turn = await running(chat)
    words = "한" * 150_000
    await chat.finish_turn.finish(turn, TurnOutcome("completed", [TextBlock(text=words)], None, "end_turn"), 1)
    assert (await chat.message(turn)).content == [TextBlock(text=words)]
    assert len(chat.world.s3.objects) == 1


async def test_other_turns_of_the_conversation_keep_running(chat: FakeChat) -> None:
    head = await chat.open()
    first, second = (await chat.start(head)).turn, (await chat.start(head, parent_id=None)).turn
    await chat.finish_turn.finish(first, COMPLETED, 1)
    assert (await chat.head(head)).running_turns == {second.id}
