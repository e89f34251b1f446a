"""Running a turn: whatever the model does, the turn ends once, in order, and keeps its content."""

import asyncio
import json

import pytest

from services.chat.domain import Frame, ReasoningBlock, TextBlock, Turn
from shared.llm import token_estimate as tokens
from shared.llm.port import ModelFailedError, ReasoningDelta, ReasoningSignature, TextDelta
from shared.problems import KINDS
from tests.fakes.chat_models import END, USAGE, FakeModels, Step, answer
from tests.fakes.chat_service import FakeChat, World, until
from tests.fakes.faults import aws_error

MODEL_SLUGS = [
    "model-throttled",
    "model-unavailable",
    "model-access-denied",
    "model-refused-request",
    "model-stream-broken",
    "model-silent",
    "context-too-long",
]


def scripted(*steps: Step, **changed: float) -> FakeChat:
    return FakeChat(World(FakeModels(*steps)), **changed)


async def said(chat: FakeChat, turn: Turn, frames: int) -> None:
    """Wait until `frames` frames are in the log."""
    await until(lambda: (broadcast := chat.broadcast.find(turn.id)) and len(broadcast._frames) >= frames)


async def test_an_answer_is_streamed_settled_and_completed(chat: FakeChat) -> None:
    turn = await chat.ended_turn(await chat.open())
    frames = await chat.log(turn)
    assert frames[0].event == "turn.started"
    assert "".join(frame.text() for frame in frames if frame.event == "message.delta") == "Hello there."
    assert [frame.event for frame in frames][-2:] == ["usage", "turn.completed"]
    assert [frame.seq for frame in frames] == list(range(1, len(frames) + 1))
    assert json.loads(frames[-1].data) == {"message_id": turn.message_id, "stop_reason": "end_turn"}
    assert json.loads(frames[-2].data) == {**USAGE.model_dump(), "cost_nano_usd": 155_000, "basis": "reported"}
    assert (turn.state, turn.stop_reason, turn.error, turn.ended_at) == (
        "completed",
        "end_turn",
        None,
        chat.clock.now(),
    )


async def test_the_answer_is_stored_as_a_message_under_the_question(chat: FakeChat) -> None:
    turn = await chat.ended_turn(await chat.open())
    message = await chat.message(turn)
    assert (message.parent_id, message.role, message.turn_id) == (turn.user_message_id, "assistant", turn.id)
    assert message.content == [TextBlock(text="Hello there.")]
    assert (message.status, message.stop_reason, message.usage) == ("complete", "end_turn", turn.usage)


async def test_the_conversation_drops_the_turn_and_points_to_its_answer(chat: FakeChat) -> None:
    head = await chat.open()
    turn, task = await chat.running_turn(head)
    chat.clock.advance(3)
    await task
    now = await chat.head(head)
    assert (now.running_turns, now.last_message_id, now.updated_at) == (set(), turn.message_id, chat.clock.now())


async def test_the_model_is_asked_once_with_the_branch_and_the_limits(chat: FakeChat) -> None:
    turn = await chat.ended_turn(await chat.open(), "Where to?")
    (request,) = chat.models.requests
    assert [(each.role, each.text) for each in request.messages] == [("user", "Where to?")]
    assert (request.model.id, request.max_output_tokens, request.reasoning) == (turn.model, 4096, False)
    assert request.invocation_id == (await chat.invocation(turn)).id


async def test_reasoning_is_streamed_and_stored_apart(chat: FakeChat) -> None:
    chat.models.answers = [ReasoningDelta("Hm"), ReasoningSignature("sig"), TextDelta("Yes"), *END]
    turn = await chat.ended_turn(await chat.open())
    assert (await chat.frame_events(turn))[1:3] == ["reasoning.delta", "message.delta"]
    assert (await chat.message(turn)).content == [ReasoningBlock(text="Hm", signature="sig"), TextBlock(text="Yes")]


async def test_an_empty_answer_completes_the_turn() -> None:
    chat = scripted(*END)
    turn = await chat.ended_turn(await chat.open())
    assert turn.state == "completed"
    assert (await chat.message(turn)).content == []


@pytest.mark.parametrize("slug", MODEL_SLUGS)
async def test_a_model_that_fails_fails_the_turn_and_its_content_stays(slug: str) -> None:
    chat = scripted(TextDelta("Hel"), TextDelta("lo"), ModelFailedError(slug, "The provider's reason."))
    turn = await chat.ended_turn(await chat.open())
    assert turn.state == "failed"
    assert turn.error is not None
    assert (turn.error.slug, turn.error.retryable) == (slug, KINDS[slug].retryable)
    message = await chat.message(turn)
    assert (message.status, message.content) == ("failed", [TextBlock(text="Hello")])
    last = (await chat.log(turn))[-1]
    assert (last.event, json.loads(last.data)["retryable"]) == ("turn.failed", KINDS[slug].retryable)
    assert json.loads(last.data)["type"] == f"/problems/{slug}"
    (event,) = chat.outbox_events("turn.failed")
    assert (event.data["problem"], event.data["retryable"]) == (slug, KINDS[slug].retryable)


async def test_an_internal_error_fails_the_turn_without_its_message() -> None:
    chat = scripted(TextDelta("x"), RuntimeError("canary-secret"))
    turn = await chat.ended_turn(await chat.open())
    assert turn.error is not None
    assert turn.error.slug == "internal-error"
    assert "canary" not in str(chat.dynamodb.items("chat")) + str(await chat.log(turn))


async def test_after_a_failure_the_message_can_be_answered_again() -> None:
    chat = scripted(ModelFailedError("model-throttled"))
    head = await chat.open()
    failed = await chat.ended_turn(head)
    chat.models.answers = answer("Fine")
    again = await chat.ended_turn(head, answer_to=failed.user_message_id)
    assert again.state == "completed"
    assert [each.text for each in chat.models.requests_for()[-1].messages] == ["Hello?"]


async def test_a_cancelled_turn_ends_the_model_call_and_keeps_its_content() -> None:
    chat = scripted(TextDelta("Hel"), asyncio.Event())
    turn, task = await chat.running_turn(await chat.open())
    await said(chat, turn, 2)
    chat.leases.notify_cancelled(turn.id)
    await task
    assert (await chat.turn(turn.id)).state == "cancelled"
    assert (await chat.frame_events(turn))[-2:] == ["usage", "turn.cancelled"]
    message = await chat.message(turn)
    assert (message.status, message.content) == ("cancelled", [TextBlock(text="Hel")])
    assert (chat.models.open_calls, chat.models.cancelled_calls) == (0, 1)


async def test_a_turn_that_takes_too_long_ends_at_its_deadline() -> None:
    chat = scripted(TextDelta("Hel"), asyncio.Event())
    started = await chat.start(await chat.open())
    chat.clock.advance(600)
    assert started.run is not None
    await chat.runner.start(started.run)
    turn = await chat.turn(started.turn.id)
    assert turn.error is not None
    assert (turn.state, turn.error.slug) == ("failed", "turn-timed-out")
    assert chat.models.open_calls == 0


async def test_a_turn_that_was_taken_over_stops_without_a_frame() -> None:
    go = asyncio.Event()
    chat = scripted(TextDelta("a"), go, TextDelta("b"), *END)
    turn, task = await chat.running_turn(await chat.open())
    await said(chat, turn, 2)
    taker = await chat.store.turns.claim(turn, turn.lease_until + 1)
    assert taker is not None
    await chat.store.log.append(turn.id, Frame(3, "turn.restarted", "{}", attempt=2))
    go.set()
    await task
    assert (await chat.turn(turn.id)).state == "running"
    assert [frame.attempt for frame in await chat.log(turn)] == [1, 1, 2]
    assert not chat.outbox_events("turn.completed")
    assert chat.broadcast.find(turn.id) is None
    assert (await chat.invocation(turn)).state == "settled"


async def test_a_turn_whose_lease_is_lost_stops() -> None:
    chat = scripted(TextDelta("a"), asyncio.Event())
    turn, task = await chat.running_turn(await chat.open())
    await until(lambda: chat.leases._held.get(turn.id))
    chat.leases._held[turn.id].stop("lost")
    await task
    assert (await chat.turn(turn.id)).state == "running"
    assert chat.models.open_calls == 0


async def test_a_log_that_cannot_be_written_leaves_the_turn_to_its_watchdog(chat: FakeChat) -> None:
    turn, task = await chat.running_turn(await chat.open())
    chat.dynamodb.fail("put_item", aws_error("ValidationException"))
    with pytest.raises(Exception, match="ValidationException"):
        await task
    assert (await chat.turn(turn.id)).state == "running"
    assert chat.leases._held == {}


async def test_a_put_whose_answer_was_lost_is_ours(chat: FakeChat) -> None:
    put = chat.dynamodb.put_item

    async def twice(**request: object) -> object:
        chat.dynamodb.put_item = put  # type: ignore[method-assign]
        await put(**request)
        return await put(**request)

    chat.dynamodb.put_item = twice  # type: ignore[assignment, method-assign]
    turn = await chat.ended_turn(await chat.open())
    frames = await chat.log(turn)
    assert turn.state == "completed"
    assert [frame.seq for frame in frames] == list(range(1, len(frames) + 1))


async def test_two_turns_at_once_do_not_mix(chat: FakeChat) -> None:
    head = await chat.open()
    both = [await chat.running_turn(head, words, parent_id=None) for words in ("one", "two")]
    await asyncio.gather(*(task for _, task in both))
    for turn, _ in both:
        assert (await chat.message(turn)).content == [TextBlock(text="Hello there.")]
        assert (await chat.frame_events(turn))[-1] == "turn.completed"
    assert (await chat.head(head)).running_turns == set()


async def test_usage_is_what_the_provider_reports(chat: FakeChat) -> None:
    turn = await chat.ended_turn(await chat.open())
    invocation = await chat.invocation(turn)
    assert (invocation.state, invocation.basis, invocation.usage, invocation.revision) == (
        "settled",
        "reported",
        USAGE,
        2,
    )
    assert [each.data["state"] for each in chat.outbox_events("model.invoked")] == ["opened", "settled"]


async def test_usage_of_an_answer_that_broke_off_is_estimated_from_prompt_and_output() -> None:
    words = "word " * 40
    chat = scripted(TextDelta(words), ModelFailedError("model-stream-broken"))
    turn = await chat.ended_turn(await chat.open(), "A question of some length.")
    invocation = await chat.invocation(turn)
    assert invocation.basis == "estimated"
    assert invocation.usage.input_tokens == tokens.estimate("A question of some length.")
    assert invocation.usage.output_tokens == tokens.estimate(words)
    assert turn.usage is not None
    assert turn.usage.model_dump() == invocation.usage.model_dump() | {
        "cost_nano_usd": invocation.cost_nano_usd,
        "basis": "estimated",
    }


async def test_a_model_that_never_began_costs_nothing() -> None:
    chat = scripted(ModelFailedError("model-throttled"))
    turn = await chat.ended_turn(await chat.open())
    invocation = await chat.invocation(turn)
    assert (invocation.state, invocation.cost_nano_usd, invocation.usage.input_tokens) == ("settled", 0, 0)


async def test_usage_that_was_reported_before_the_end_broke_is_kept() -> None:
    chat = scripted(TextDelta("x"), END[1], ModelFailedError("model-stream-broken"))
    turn = await chat.ended_turn(await chat.open())
    assert (await chat.invocation(turn)).basis == "reported"


async def test_a_turn_needs_no_reader_and_leaves_nothing_behind(chat: FakeChat) -> None:
    await chat.ended_turn(await chat.open())
    await until(lambda: not chat.tasks._tasks)
    assert (chat.broadcast._turns, chat.leases._held, chat.models.open_calls) == ({}, {}, 0)
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


async def test_draining_lets_a_turn_end() -> None:
    go = asyncio.Event()
    chat = scripted(TextDelta("a"), go, *END, drain_s=5)
    turn, _ = await chat.running_turn(await chat.open())
    draining = asyncio.create_task(chat.runner.drain())
    go.set()
    await draining
    assert (await chat.turn(turn.id)).state == "completed"


async def test_draining_without_turns_is_done_at_once(chat: FakeChat) -> None:
    await chat.runner.drain()
