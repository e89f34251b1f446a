"""Takeover: another process continues or restarts a turn whose runner died, once, and settles its cost once."""

import asyncio
import json

import pytest

from services.chat.adapters.turn_queue import RunTurn
from services.chat.domain import Frame, TextBlock, Turn
from shared.events.consumer.messages import Postpone
from shared.llm import token_estimate as tokens
from shared.llm.port import ModelFailedError, ReasoningDelta, TextDelta
from tests.fakes.chat_models import END, answer
from tests.fakes.chat_service import LEASE_S, TURNS, WATCHDOGS, FakeChat, until

CONTINUES = "scripted.echo"
CANNOT = "scripted.strict"


async def said(chat: FakeChat, turn: Turn) -> str:
    return "".join(frame.text() for frame in await chat.log(turn) if frame.event == "message.delta")


async def test_a_model_with_prefill_continues_the_partial_answer(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "Once upon", " a time")
    chat.models.answers = answer(", it rained.")
    await chat.other_process().receive_run_turn(turn.id)
    ended = await chat.turn(turn.id)
    assert (ended.state, ended.attempt, ended.takeovers) == ("completed", 2, 1)
    assert (await chat.message(turn)).content == [TextBlock(text="Once upon a time, it rained.")]
    (request,) = chat.models.requests
    assert [(each.role, each.text) for each in request.messages] == [
        ("user", "Hello?"), ("assistant", "Once upon a time"),
    ]  # fmt: skip
    events = [(frame.event, frame.attempt) for frame in await chat.log(turn)]
    assert events[:4] == [("turn.started", 1), ("message.delta", 1), ("message.delta", 1), ("turn.resumed", 2)]
    assert events[-1] == ("turn.completed", 2)


async def test_whitespace_that_the_model_repeats_is_written_once(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "one ", " ")
    chat.models.answers = [TextDelta(" "), TextDelta(" two"), *END]
    await chat.receive_run_turn(turn.id)
    assert chat.models.requests[0].messages[-1].text == "one"
    assert await said(chat, turn) == "one  two"
    assert (await chat.message(turn)).content == [TextBlock(text="one  two")]


async def test_a_model_without_prefill_restarts_the_answer_and_readers_learn_it(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "Once", model=CANNOT)
    chat.models.answers = answer("It rained.")
    await chat.receive_run_turn(turn.id)
    assert (await chat.message(turn)).content == [TextBlock(text="It rained.")]
    assert [each.role for each in chat.models.requests[0].messages] == ["user"]
    restarted = next(frame for frame in await chat.log(turn) if frame.event == "turn.restarted")
    assert json.loads(restarted.data) == {"attempt": 2, "reason": "runner-lost"}


async def test_a_turn_without_content_is_resumed_with_any_model(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), model=CANNOT)
    await chat.receive_run_turn(turn.id)
    assert (await chat.frame_events(turn))[:2] == ["turn.started", "turn.resumed"]


async def test_an_answer_that_broke_off_during_reasoning_is_restarted(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open())
    await chat.store.log.append(turn.id, Frame(2, "reasoning.delta", '{"text":"Hm"}', 1))
    await chat.receive_run_turn(turn.id)
    assert "turn.restarted" in await chat.frame_events(turn)
    assert (await chat.message(turn)).content == [TextBlock(text="Hello there.")]


async def test_both_model_calls_are_settled_and_the_turn_has_their_sum(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "word " * 20)
    await chat.receive_run_turn(turn.id)
    first, second = await chat.store.invocations.of_turn(turn.id)
    assert (first.basis, first.usage.output_tokens) == ("estimated", tokens.estimate("word " * 20))
    assert second.basis == "reported"
    usage = (await chat.turn(turn.id)).usage
    assert usage is not None
    assert usage.basis == "estimated"
    assert usage.output_tokens == first.usage.output_tokens + second.usage.output_tokens
    assert usage.cost_nano_usd == first.cost_nano_usd + second.cost_nano_usd


async def test_many_messages_at_once_make_one_runner(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "a")
    processes = [chat.other_process() for _ in range(6)]
    await asyncio.gather(*(each.receive_run_turn(turn.id) for each in processes), return_exceptions=True)
    assert len(chat.models.requests_for()) == 1
    assert (await chat.frame_events(turn)).count("turn.resumed") == 1
    assert (await chat.turn(turn.id)).state == "completed"


async def test_a_replaced_runner_is_fenced_and_broadcasts_nothing(chat: FakeChat) -> None:
    go = asyncio.Event()
    chat.models.next_answers = [[TextDelta("a"), go, TextDelta("late"), *END]]
    turn, task = await chat.running_turn(await chat.open())
    await until(lambda: (broadcast := chat.broadcast.find(turn.id)) and len(broadcast._frames) == 2)
    broadcast = chat.broadcast.find(turn.id)
    assert broadcast is not None
    chat.clock.advance(LEASE_S + 1)
    chat.models.answers = answer("b")
    await chat.other_process().receive_run_turn(turn.id)
    go.set()
    await task
    assert [frame.event for frame in broadcast._frames] == ["turn.started", "message.delta"]
    assert (await chat.message(turn)).content == [TextBlock(text="ab")]
    assert len(chat.outbox_events("turn.completed")) == 1


async def test_a_late_frame_of_the_old_runner_is_kept_before_the_fence(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "x")
    chat.append_after_next_read(turn, Frame(3, "message.delta", '{"text":"y"}', 1))
    chat.models.answers = answer("z")
    await chat.receive_run_turn(turn.id)
    assert chat.models.requests[0].messages[-1].text == "xy"
    assert (await chat.message(turn)).content == [TextBlock(text="xyz")]


async def test_a_turn_fails_after_too_many_takeovers(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "a")
    for number in range(chat.settings.takeovers_limit):
        chat.models.answers = [TextDelta(str(number)), asyncio.Event()]
        handling = asyncio.create_task(chat.other_process().receive_run_turn(turn.id))
        await until(lambda n=number: chat.models.open_calls == 1 and len(chat.models.requests) == n + 1)  # type: ignore[misc]
        await dies(handling, turn.id)
        chat.clock.advance(LEASE_S + 1)
    await chat.receive_run_turn(turn.id)
    ended = await chat.turn(turn.id)
    assert ended.error is not None
    assert (ended.state, ended.error.slug, ended.takeovers) == ("failed", "turn-abandoned", 4)
    assert len(chat.models.requests) == chat.settings.takeovers_limit


async def dies(handling: "asyncio.Task[None]", turn_id: str) -> None:
    """Cancel the tasks that run the turn, as if its process had been killed."""
    doomed = [task for task in asyncio.all_tasks() if task.get_name() == turn_id]
    for task in doomed:
        task.cancel()
    await asyncio.gather(handling, *doomed, return_exceptions=True)


async def test_a_process_that_dies_between_claim_and_fence_is_replaced(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "a")
    assert await chat.store.turns.claim(turn, chat.leases.lease_until())
    chat.clock.advance(LEASE_S + 1)
    await chat.receive_run_turn(turn.id)
    assert (await chat.turn(turn.id)).attempt == 3
    assert (await chat.frame_events(turn)).count("turn.resumed") == 1
    assert (await chat.turn(turn.id)).state == "completed"


async def test_a_model_that_fails_after_the_takeover_fails_the_turn_with_all_its_content(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "a")
    chat.models.answers = [TextDelta("b"), ModelFailedError("model-silent")]
    await chat.receive_run_turn(turn.id)
    assert (await chat.turn(turn.id)).state == "failed"
    assert (await chat.message(turn)).content == [TextBlock(text="ab")]


async def test_the_next_runner_generates_the_title_of_one_that_died(chat: FakeChat) -> None:
    head = await chat.open(title=None)
    turn = await chat.abandoned_turn(head, "a")
    await chat.receive_run_turn(turn.id)
    await chat.runner.drain()
    assert (await chat.head(head)).title == "Greeting"


async def test_a_title_that_was_generated_before_the_runner_died_is_announced(chat: FakeChat) -> None:
    head = await chat.open(title=None)
    turn = await chat.abandoned_turn(head, "a")
    await chat.commit([chat.store.conversations.renamed(head.renamed("Trip", "service"))])
    await chat.receive_run_turn(turn.id)
    renamed = [frame.data for frame in await chat.log(turn) if frame.event == "conversation.renamed"]
    assert renamed == ['{"title":"Trip"}']
    assert chat.models.requests_for("title") == []


@pytest.mark.parametrize("model", [CONTINUES, CANNOT])
async def test_at_sigterm_running_turns_are_handed_over_and_continue_at_once(chat: FakeChat, model: str) -> None:
    chat.models.next_answers = [[TextDelta("a"), asyncio.Event()]]
    chat.models.answers = answer("b")
    turn, task = await chat.running_turn(await chat.open(), model=model)
    await until(lambda: (broadcast := chat.broadcast.find(turn.id)) and len(broadcast._frames) == 2)
    await chat.runner.drain()
    assert task.done()
    handed = await chat.turn(turn.id)
    assert (handed.state, handed.lease_until) == ("running", 0)
    assert chat.world.sqs.visible_in(TURNS)[-1] == 0
    assert chat.models.open_calls == 0
    await chat.other_process().receive_run_turn(turn.id)
    ended = await chat.turn(turn.id)
    assert (ended.state, ended.attempt, ended.takeovers) == ("completed", 2, 0)
    expected = "ab" if model == CONTINUES else "b"
    assert (await chat.message(turn)).content == [TextBlock(text=expected)]


async def test_pending_frames_are_written_before_the_hand_over(chat: FakeChat) -> None:
    chat.models.next_answers = [[*(TextDelta(str(n)) for n in range(9)), asyncio.Event()]]
    turn, _ = await chat.running_turn(await chat.open())
    await until(lambda: chat.models.open_calls)
    await until(lambda: (broadcast := chat.broadcast.find(turn.id)) and len(broadcast._frames) >= 2)
    await chat.runner.drain()
    assert await said(chat, turn) == "".join(map(str, range(9)))


async def test_a_process_that_drains_has_no_capacity(chat: FakeChat) -> None:
    assert chat.runner.capacity == chat.settings.turns_at_once
    await chat.runner.drain()
    assert chat.runner.capacity == 0


async def test_a_message_is_done_when_its_turn_runs_and_a_check_is_scheduled(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "a")
    chat.models.answers = [TextDelta("b"), asyncio.Event()]
    watched = len(chat.world.sqs.bodies(WATCHDOGS))
    await chat.supervisor.handle(RunTurn(turn_id=turn.id, since=0))
    assert (await chat.turn(turn.id)).state == "running"
    assert chat.world.sqs.visible_in(WATCHDOGS)[watched:] == [LEASE_S + 1]
    await chat.runner.drain()


async def test_an_answer_with_reasoning_is_never_continued(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "a", reasoning=True)
    chat.models.answers = [ReasoningDelta("Hm"), TextDelta("b"), *END]
    await chat.receive_run_turn(turn.id)
    assert "turn.restarted" in await chat.frame_events(turn)


async def test_a_turn_that_was_cancelled_without_a_runner_is_not_resumed(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "a")
    await chat.store.turns.request_cancel(turn.id)
    await chat.receive_run_turn(turn.id)
    assert (await chat.turn(turn.id)).state == "cancelled"
    assert chat.models.requests == []


async def test_a_message_that_loses_the_claim_is_postponed(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "x")
    read = chat.store.turns.get

    async def as_before(_turn_id: str) -> Turn:
        chat.store.turns.get = read  # type: ignore[method-assign]
        return turn

    assert await chat.store.turns.claim(turn, chat.leases.lease_until())
    chat.store.turns.get = as_before  # type: ignore[assignment, method-assign]
    with pytest.raises(Postpone):
        await chat.receive_run_turn(turn.id)
