"""The context of a turn is decided once, stored before the model is asked, and repeated in every later request."""

import asyncio
from typing import Any

import pytest

from services.chat.context.stage import ContextDraft, Frames, Stage
from services.chat.domain import ContextRecord, Turn
from shared.llm.port import ToolSpec, ToolUse
from shared.problems import problem
from tests.fakes.chat_models import answer, tool_calls
from tests.fakes.chat_service import LEASE_S, TABLE, FakeChat, until
from tests.fakes.faults import aws_error

CALCULATOR = ("calculator",)
CALL = ToolUse("calculator", {"expression": "6*7"})


class SlowStage(Stage):
    """Writes a frame, then waits until the test lets it go on. `calls` counts its decisions and repetitions."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.error: Exception | None = None
        self.calls: list[str] = []
        self.was_cancelled = False

    def waits(self, turn: Turn) -> bool:  # noqa: ARG002 - for every turn
        return True

    async def decide(self, draft: ContextDraft, frames: Frames | None) -> None:  # noqa: ARG002 - decides nothing
        self.calls.append("decide")
        assert frames is not None
        frames.frame("citation", {"number": 1})
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise
        if self.error:
            raise self.error

    async def repeat(self, draft: ContextDraft) -> None:  # noqa: ARG002 - repeats nothing
        self.calls.append("repeat")


@pytest.fixture
def stage(chat: FakeChat) -> SlowStage:
    slow = SlowStage()
    chat.add_stage(slow)
    return slow


async def waiting_turn(chat: FakeChat, **more: Any) -> tuple[Turn, "asyncio.Task[None]"]:
    """A turn whose slow stage has written its frame and waits."""
    turn, task = await chat.running_turn(await chat.open(), **more)
    await until(lambda: (broadcast := chat.broadcast.find(turn.id)) and len(broadcast._frames) == 2)
    return turn, task


async def forget_record(chat: FakeChat, turn: Turn) -> None:
    key = {"pk": {"S": f"TURN#{turn.id}"}, "sk": {"S": "CONTEXT"}}
    await chat.commit([{"Delete": {"TableName": TABLE, "Key": key}}])


@pytest.mark.parametrize("here", [True, False])
async def test_a_record_that_needs_nobody_is_stored_in_the_transaction_that_starts_the_turn(
    chat: FakeChat, here: bool
) -> None:
    head = await chat.open()
    chat.dynamodb.calls.clear()
    turn = (await chat.start(head, tools=CALCULATOR, run_here=here)).turn
    assert chat.dynamodb.calls.count("transact_write_items") == 1
    record = await chat.store.contexts.get(turn.id)
    assert record is not None
    assert (record.history_from, [tool.name for tool in record.tools]) == (None, ["calculator"])


async def test_a_record_that_says_nothing_is_not_stored(chat: FakeChat) -> None:
    turn = (await chat.start(await chat.open())).turn
    assert await chat.store.contexts.get(turn.id) is None


async def test_the_record_says_where_the_history_was_cut(chat: FakeChat) -> None:
    head = await chat.open()
    for _ in range(3):
        await chat.ended_turn(head, "word " * 600)
    turn = (await chat.start(head, "And now?", model="scripted.small")).turn  # it reads 2000 tokens
    record = await chat.store.contexts.get(turn.id)
    assert record is not None
    branch = chat.store.messages.branch(head.id)
    question = await branch.find(turn.user_message_id)
    assert question is not None
    ancestors = [message.id async for message in branch.ancestors(question)]
    assert record.history_from in ancestors[1:-1]


async def test_a_slow_stage_runs_after_the_turn_is_stored_and_before_the_model_is_asked(
    chat: FakeChat, stage: SlowStage
) -> None:
    turn, task = await waiting_turn(chat)
    assert await chat.store.contexts.get(turn.id) is None
    assert await chat.store.invocations.of_turn(turn.id) == []
    assert chat.models.requests == []
    stage.go_on.set()
    await task
    events = await chat.frame_events(turn)
    assert (events[:3], events[-1]) == (["turn.started", "citation", "message.delta"], "turn.completed")
    assert await chat.store.contexts.get(turn.id) == ContextRecord()


async def test_the_record_is_stored_before_the_model_is_asked(chat: FakeChat, stage: SlowStage) -> None:
    stage.go_on.set()
    chat.models.answers = [asyncio.Event()]
    turn, task = await chat.running_turn(await chat.open())
    await until(lambda: chat.models.open_calls)
    assert await chat.store.contexts.get(turn.id) is not None
    chat.leases.notify_cancelled(turn.id)
    await task


async def test_a_cancelled_turn_ends_its_slow_stage_and_costs_nothing(chat: FakeChat, stage: SlowStage) -> None:
    turn, task = await waiting_turn(chat)
    chat.leases.notify_cancelled(turn.id)
    await task
    assert stage.was_cancelled
    assert (await chat.turn(turn.id)).state == "cancelled"
    assert await chat.frame_events(turn) == ["turn.started", "citation", "turn.cancelled"]
    assert (chat.models.requests, await chat.store.invocations.of_turn(turn.id)) == ([], [])


async def test_a_turn_at_its_deadline_ends_its_slow_stage(chat: FakeChat, stage: SlowStage) -> None:
    started = await chat.start(await chat.open())
    chat.clock.advance(chat.settings.turn_deadline_s - 0.05)
    assert started.run is not None
    await chat.runner.start(started.run)
    ended = await chat.turn(started.turn.id)
    assert ended.error is not None
    assert (ended.state, ended.error.slug, stage.was_cancelled) == ("failed", "turn-timed-out", True)


async def test_a_turn_that_is_handed_over_in_a_slow_stage_is_decided_again_by_its_next_runner(
    chat: FakeChat, stage: SlowStage
) -> None:
    turn, _ = await waiting_turn(chat)
    await chat.runner.drain()
    assert stage.was_cancelled
    assert ((await chat.turn(turn.id)).state, await chat.store.contexts.get(turn.id)) == ("running", None)
    await chat.other_process().receive_run_turn(turn.id)
    assert (await chat.turn(turn.id)).state == "completed"


async def test_a_turn_that_was_taken_over_ends_its_slow_stage(chat: FakeChat, stage: SlowStage) -> None:
    turn, task = await waiting_turn(chat)
    chat.clock.advance(LEASE_S + 1)
    await chat.other_process().receive_run_turn(turn.id)
    chat.leases._held[turn.id].stop("lost")
    await task
    assert stage.was_cancelled
    assert (await chat.turn(turn.id)).state == "completed"
    assert len(chat.outbox_events("turn.completed")) == 1


async def test_a_stage_that_refuses_fails_the_turn_with_its_problem(chat: FakeChat, stage: SlowStage) -> None:
    stage.error = problem("tools-unavailable")
    stage.go_on.set()
    turn = await chat.ended_turn(await chat.open())
    assert turn.error is not None
    assert (turn.state, turn.error.slug, turn.usage) == ("failed", "tools-unavailable", None)


async def test_a_stage_with_a_bug_fails_the_turn_at_once(chat: FakeChat, stage: SlowStage) -> None:
    stage.error = RuntimeError("canary")
    stage.go_on.set()
    turn = await chat.ended_turn(await chat.open())
    assert turn.error is not None
    assert (turn.state, turn.error.slug) == ("failed", "internal-error")
    assert "canary" not in turn.error.detail


async def test_when_the_table_fails_in_a_stage_the_turn_is_taken_over(chat: FakeChat, stage: SlowStage) -> None:
    stage.error = aws_error("InternalServerError")
    stage.go_on.set()
    turn, task = await chat.running_turn(await chat.open())
    await asyncio.gather(task, return_exceptions=True)
    assert (await chat.turn(turn.id)).state == "running"
    stage.error = None
    chat.clock.advance(LEASE_S + 1)
    await chat.receive_run_turn(turn.id)
    assert (await chat.turn(turn.id)).state == "completed"


async def test_a_later_request_of_the_turn_repeats_the_record(chat: FakeChat, stage: SlowStage) -> None:
    stage.go_on.set()
    chat.models.next_answers = [tool_calls(CALL)]
    head = await chat.open()
    turn = await chat.ended_turn(head, tools=CALCULATOR)
    chat.world.tool_catalog.names = {"calculator", "clock"}
    (call,) = chat.sent_calls()
    await chat.receive_tool_result(call, {"result": "42"})
    first, second = chat.models.requests_for()
    assert second.messages[: len(first.messages)] == first.messages
    assert second.tools == first.tools == [ToolSpec("calculator", "The calculator.", {"type": "object"})]
    assert stage.calls == ["decide", "repeat"]
    assert (await chat.turn(turn.id)).state == "completed"


async def test_a_takeover_repeats_the_record(chat: FakeChat) -> None:
    head = await chat.open()
    await chat.ended_turn(head)
    turn = await chat.abandoned_turn(head, "Once", tools=CALCULATOR)
    chat.world.tool_catalog.down = True
    chat.models.answers = answer(" more")
    await chat.other_process().receive_run_turn(turn.id)
    request = chat.models.requests_for()[-1]
    assert [each.text for each in request.messages] == ["Hello?", "Hello there.", "Hello?", "Once"]
    assert [tool.name for tool in request.tools] == ["calculator"]


async def test_the_record_that_was_stored_first_is_kept(chat: FakeChat, stage: SlowStage) -> None:
    """The attempt that stored it has lost the turn since, or its response was lost."""
    turn, task = await waiting_turn(chat, tools=CALCULATOR)
    stored = ContextRecord(history_from=turn.user_message_id, tools=[ToolSpec("other", "Another.", {})])
    await chat.commit({"context": chat.store.contexts.put_new(turn.id, stored)})
    stage.go_on.set()
    await task
    assert [tool.name for tool in chat.models.requests_for()[0].tools] == ["other"]
    assert await chat.store.contexts.get(turn.id) == stored


async def test_a_turn_of_the_release_before_records_gets_one_at_its_next_run(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "a", tools=CALCULATOR)
    await forget_record(chat, turn)
    await chat.receive_run_turn(turn.id)
    record = await chat.store.contexts.get(turn.id)
    assert record is not None
    assert [tool.name for tool in record.tools] == ["calculator"]


async def test_a_tool_that_was_not_offered_is_not_called(chat: FakeChat) -> None:
    chat.models.next_answers = [tool_calls(ToolUse("shell", {}))]
    await chat.ended_turn(await chat.open(), tools=CALCULATOR)
    assert chat.sent_calls() == []


async def test_the_history_ends_where_the_record_says_also_when_more_would_fit(chat: FakeChat) -> None:
    head = await chat.open()
    await chat.ended_turn(head, "First")
    second = await chat.ended_turn(head, "Second")
    turn = await chat.abandoned_turn(head)
    recorded = ContextRecord(history_from=second.user_message_id)
    await chat.commit({"context": chat.store.contexts.put_new(turn.id, recorded)})
    await chat.receive_run_turn(turn.id)
    assert chat.models.requests_for()[-1].messages[0].text == "Second"


async def test_a_replaced_runner_that_is_still_in_a_stage_asks_no_model(chat: FakeChat, stage: SlowStage) -> None:
    turn, task = await waiting_turn(chat)
    chat.clock.advance(LEASE_S + 1)
    await chat.other_process().receive_run_turn(turn.id)
    stage.go_on.set()
    await task
    assert len(chat.models.requests) == 1
    assert (await chat.frame_events(turn))[-1] == "turn.completed"
    assert len(await chat.store.invocations.of_turn(turn.id)) == 1
