"""Tools: the turn stores its calls, releases its lease, and continues where the last result arrives."""

import asyncio
import json
from typing import Any

import pytest

from services.chat.domain import TextBlock, ToolResultBlock, Turn
from shared.events.consumer.messages import Postpone
from shared.llm.content import ReasoningPart, TextPart, ToolResultPart, ToolUsePart
from shared.llm.port import ModelFailedError, ReasoningDelta, ReasoningSignature, TextDelta, ToolUse
from shared.problems import Problem
from tests.fakes.chat_models import answer, tool_calls
from tests.fakes.chat_service import LEASE_S, WATCHDOGS, FakeChat
from tests.fakes.faults import aws_error

SIX = ToolUse("calculator", {"expression": "6*7"})
TWO = ToolUse("calculator", {"expression": "1+1"})
TOOLS = ("calculator",)


async def waiting(chat: FakeChat, *asked: ToolUse, **more: Any) -> Turn:
    """A turn whose model has written text and called tools."""
    chat.models.next_answers = [tool_calls(*(asked or (SIX, TWO)), text="Let me see.")]
    chat.models.answers = answer("It is 42.")
    return await chat.ended_turn(await chat.open(), tools=TOOLS, **more)


async def test_a_turn_that_waits_for_tools_has_no_runner(chat: FakeChat) -> None:
    turn = await waiting(chat)
    assert (turn.state, turn.lease_until, turn.attempt) == ("awaiting_tools", 0, 1)
    assert (chat.broadcast._turns, chat.leases._held, chat.models.open_calls) == ({}, {}, 0)
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


async def test_the_model_gets_the_turns_tools(chat: FakeChat) -> None:
    await waiting(chat)
    assert [tool.name for tool in chat.models.requests[0].tools] == ["calculator"]


async def test_readers_see_the_calls(chat: FakeChat) -> None:
    turn = await waiting(chat)
    frames = await chat.log(turn)
    assert [frame.event for frame in frames] == ["turn.started", "message.delta", "tool.call", "tool.call"]
    first, second = chat.sent_calls()
    assert json.loads(frames[2].data) == {"call_id": first.call_id, "name": "calculator", "input": SIX.input}
    assert json.loads(frames[3].data)["call_id"] == second.call_id


async def test_each_call_is_sent_to_agents_once_with_what_it_needs(chat: FakeChat) -> None:
    turn = await waiting(chat)
    first, second = chat.sent_calls()
    assert (first.turn_id, first.name, first.input, first.principal_id) == (turn.id, "calculator", SIX.input, "ann")
    assert second.input == TWO.input
    assert first.deadline == chat.now() + 60_000


async def test_events_name_the_tool_but_not_its_input(chat: FakeChat) -> None:
    await waiting(chat)
    events = chat.outbox_events("tool_call.requested")
    assert [each.data["tool"] for each in events] == ["calculator", "calculator"]
    assert "6*7" not in "".join(each.model_dump_json() for each in chat.outbox_events())


async def test_the_process_that_gets_the_last_result_resumes_the_turn(chat: FakeChat) -> None:
    turn = await waiting(chat)
    first, second = chat.sent_calls()
    other = chat.other_process()
    await other.receive_tool_result(second, {"result": "2"})
    assert (await chat.turn(turn.id)).state == "awaiting_tools"
    await other.receive_tool_result(first, {"result": "42"})
    ended = await chat.turn(turn.id)
    assert (ended.state, ended.attempt, ended.takeovers) == ("completed", 2, 0)
    events = await chat.frame_events(turn)
    assert events[2:7] == ["tool.call", "tool.call", "tool.result", "tool.result", "message.delta"]
    assert events[-1] == "turn.completed"


async def test_the_model_gets_its_calls_and_their_results(chat: FakeChat) -> None:
    await waiting(chat)
    first, second = chat.sent_calls()
    await chat.receive_tool_result(first, {"result": "42"})
    await chat.receive_tool_result(second, {"error": "no"}, status="error")
    request = chat.models.requests[1]
    assert [each.role for each in request.messages] == ["user", "assistant", "user"]
    assert request.messages[1].parts == (
        TextPart("Let me see."),
        ToolUsePart(first.call_id, "calculator", SIX.input),
        ToolUsePart(second.call_id, "calculator", TWO.input),
    )
    assert request.messages[2].parts == (
        ToolResultPart(first.call_id, {"result": "42"}, "success"),
        ToolResultPart(second.call_id, {"error": "no"}, "error"),
    )
    assert [tool.name for tool in request.tools] == ["calculator"]


async def test_signed_reasoning_goes_back_to_the_model_with_the_calls(chat: FakeChat) -> None:
    chat.models.next_answers = [[ReasoningDelta("Hm"), ReasoningSignature("sig"), *tool_calls(SIX)]]
    await chat.ended_turn(await chat.open(), tools=TOOLS)
    (call,) = chat.sent_calls()
    await chat.receive_tool_result(call, {})
    thought, *_ = chat.models.requests[1].messages[1].parts
    assert thought == ReasoningPart("Hm", "sig")


async def test_the_message_has_calls_results_and_text_in_order_and_the_sum_of_both_usages(chat: FakeChat) -> None:
    turn = await waiting(chat, SIX)
    (call,) = chat.sent_calls()
    await chat.receive_tool_result(call, {"result": "42"})
    message = await chat.message(turn)
    assert [block.type for block in message.content] == ["text", "tool_call", "tool_result", "text"]
    assert message.usage is not None
    invocations = await chat.store.invocations.of_turn(turn.id)
    assert [invocation.basis for invocation in invocations] == ["reported", "reported"]
    assert message.usage.output_tokens == sum(invocation.usage.output_tokens for invocation in invocations)


async def test_repeated_results_in_many_processes_resume_the_turn_once(chat: FakeChat) -> None:
    turn = await waiting(chat)
    sends = [
        chat.other_process().receive_tool_result(call, {"result": "1"}) for call in chat.sent_calls() for _ in range(3)
    ]
    await asyncio.gather(*sends, return_exceptions=True)
    assert (await chat.turn(turn.id)).state == "completed"
    assert len(chat.models.requests) == 2
    assert (await chat.frame_events(turn)).count("tool.result") == 2


async def test_the_first_result_of_a_call_counts(chat: FakeChat) -> None:
    turn = await waiting(chat)
    first, second = chat.sent_calls()
    await chat.receive_tool_result(first, {"result": "42"})
    await chat.receive_tool_result(first, {"result": "43"})
    await chat.receive_tool_result(second, {})
    result = next(block for block in (await chat.message(turn)).content if isinstance(block, ToolResultBlock))
    assert result.output == {"result": "42"}


async def test_a_result_for_an_unknown_call_or_turn_changes_nothing(chat: FakeChat) -> None:
    turn = await waiting(chat)
    first, _ = chat.sent_calls()
    await chat.receive_tool_result(first.model_copy(update={"call_id": "call_01J00000000000000000000000"}), {})
    await chat.receive_tool_result(first.model_copy(update={"turn_id": "turn_01J00000000000000000000000"}), {})
    assert (await chat.turn(turn.id)).state == "awaiting_tools"


async def test_a_process_that_dies_after_recording_the_last_result_is_replaced_at_the_next_delivery(
    chat: FakeChat,
) -> None:
    turn = await waiting(chat, SIX)
    (call,) = chat.sent_calls()
    result = ToolResultBlock(call_id=call.call_id, status="success", output=1, took_ms=1)
    assert await chat.store.rounds.record_result(turn.id, result)
    await chat.receive_tool_result(call, 1)
    assert (await chat.turn(turn.id)).state == "completed"


async def test_calls_without_a_result_are_sent_again(chat: FakeChat) -> None:
    turn = await waiting(chat)
    sent = len(chat.world.sqs.bodies("calls-queue"))
    with pytest.raises(Postpone):
        await chat.receive_run_turn(turn.id)
    assert len(chat.world.sqs.bodies("calls-queue")) == sent + 2
    assert len(chat.sent_calls()) == 2


async def test_a_check_is_scheduled_before_the_lease_is_released(chat: FakeChat) -> None:
    await waiting(chat)
    assert chat.world.sqs.visible_in(WATCHDOGS) == [LEASE_S + 1, LEASE_S + 1]


async def test_a_tool_that_misses_its_deadline_fails_and_the_turn_continues(chat: FakeChat) -> None:
    turn = await waiting(chat)
    first, _ = chat.sent_calls()
    await chat.receive_tool_result(first, {"result": "42"})
    chat.clock.advance(61)
    await chat.receive_run_turn(turn.id)
    statuses = [block.status for block in (await chat.message(turn)).content if isinstance(block, ToolResultBlock)]
    assert statuses == ["success", "error"]
    assert (await chat.turn(turn.id)).state == "completed"


async def test_a_tool_that_the_turn_was_not_offered_is_not_called(chat: FakeChat) -> None:
    turn = await waiting(chat, ToolUse("shell", {"command": "ls"}))
    assert chat.sent_calls() == []
    await chat.receive_run_turn(turn.id)
    (result,) = [block for block in (await chat.message(turn)).content if isinstance(block, ToolResultBlock)]
    assert (result.status, result.output) == ("error", {"error": "There is no such tool."})


async def test_calls_above_the_limit_of_a_round_are_refused(chat: FakeChat) -> None:
    await waiting(chat, *[SIX] * 18)
    assert len(chat.sent_calls()) == 16


async def test_a_result_that_is_too_long_is_not_given_to_the_model(chat: FakeChat) -> None:
    turn = await waiting(chat, SIX)
    (call,) = chat.sent_calls()
    await chat.receive_tool_result(call, "x" * 70_000)
    (result,) = [block for block in (await chat.message(turn)).content if isinstance(block, ToolResultBlock)]
    assert result.status == "error"


async def test_a_waiting_turn_is_cancelled_by_any_process(chat: FakeChat) -> None:
    turn = await waiting(chat)
    ended = await chat.other_process().cancel_turn.cancel(turn)
    assert ended.state == "cancelled"
    assert [block.type for block in (await chat.message(turn)).content] == ["text", "tool_call", "tool_call"]
    for call in chat.sent_calls():
        await chat.receive_tool_result(call, {})
    assert len(chat.models.requests) == 1


async def test_the_next_turn_reads_answered_calls_only(chat: FakeChat) -> None:
    head = await chat.open()
    chat.models.next_answers = [tool_calls(SIX)]
    chat.models.answers = answer("42.")
    await chat.ended_turn(head, tools=TOOLS)
    (call,) = chat.sent_calls()
    await chat.receive_tool_result(call, {"result": "42"})
    await chat.ended_turn(await chat.head(head), "And?", tools=TOOLS)
    assert [each.role for each in chat.models.requests[-1].messages] == [
        "user", "assistant", "user", "assistant", "user",
    ]  # fmt: skip
    await chat.ended_turn(await chat.head(head), "And without tools?")
    kinds = {type(part) for each in chat.models.requests[-1].messages for part in each.parts}
    assert kinds == {TextPart}


async def test_the_finished_round_survives_when_the_next_runner_dies(chat: FakeChat) -> None:
    turn = await waiting(chat, SIX)
    chat.models.answers = [TextDelta("It "), asyncio.Event()]
    (call,) = chat.sent_calls()
    answering = asyncio.create_task(chat.receive_tool_result(call, {"result": "42"}))
    for _ in range(200):
        await asyncio.sleep(0)
    for task in [each for each in asyncio.all_tasks() if each.get_name() == turn.id]:
        task.cancel()
    await asyncio.gather(answering, return_exceptions=True)
    chat.clock.advance(LEASE_S + 1)
    chat.models.answers = answer("is 42.")
    await chat.other_process().receive_run_turn(turn.id)
    message = await chat.message(turn)
    assert [block.type for block in message.content] == ["text", "tool_call", "tool_result", "text"]
    assert message.content[-1] == TextBlock(text="It is 42.")
    assert [each.role for each in chat.models.requests[-1].messages] == ["user", "assistant", "user", "assistant"]
    assert (await chat.frame_events(turn)).count("tool.result") == 1


async def test_a_turn_fails_after_too_many_tool_rounds() -> None:
    chat = FakeChat(tool_rounds_limit=2)
    chat.models.answers = tool_calls(SIX)
    turn = await chat.ended_turn(await chat.open(), tools=TOOLS)
    for _ in range(2):
        await chat.receive_tool_result(chat.sent_calls()[-1], {})
    ended = await chat.turn(turn.id)
    assert ended.error is not None
    assert ended.error.slug == "tool-rounds-exceeded"


async def test_calls_whose_commit_response_was_lost_are_sent(chat: FakeChat) -> None:
    chat.models.next_answers = [tool_calls(SIX)]
    write = chat.dynamodb.transact_write_items

    async def lossy(**request: Any) -> Any:
        done = await write(**request)
        if any("TOOLS#" in str(each) for each in request["TransactItems"]):
            chat.dynamodb.transact_write_items = write  # type: ignore[method-assign]
            raise aws_error("InternalServerError")
        return done

    chat.dynamodb.transact_write_items = lossy  # type: ignore[assignment, method-assign]
    turn = await chat.ended_turn(await chat.open(), tools=TOOLS)
    assert turn.state == "awaiting_tools"
    assert len(chat.sent_calls()) == 1


async def test_while_agents_is_down_no_turn_with_tools_starts_and_a_started_one_continues(chat: FakeChat) -> None:
    turn = await waiting(chat, SIX)
    chat.world.tool_catalog.down = True
    with pytest.raises(Problem) as refused:
        await chat.start(await chat.open(), tools=TOOLS)
    assert refused.value.kind.slug == "tools-unavailable"
    (call,) = chat.sent_calls()
    await chat.receive_tool_result(call, {"result": "42"})
    assert (await chat.turn(turn.id)).state == "completed"
    first, second = chat.models.requests_for()
    assert second.tools == first.tools


@pytest.mark.parametrize(
    ("tools", "model", "slug"),
    [(("shell",), None, "tool-not-found"), (TOOLS, "local.smollm2", "model-without-tools")],
)
async def test_tools_that_cannot_be_offered_are_refused(tools: tuple[str, ...], model: str | None, slug: str) -> None:
    chat = FakeChat(model_sources=("scripted", "local"))
    with pytest.raises(Problem) as refused:
        await chat.start(await chat.open(), tools=tools, model=model)
    assert refused.value.kind.slug == slug


async def test_a_model_that_fails_after_it_asked_for_a_tool_calls_none(chat: FakeChat) -> None:
    chat.models.next_answers = [[SIX, ModelFailedError("model-stream-broken")]]
    turn = await chat.ended_turn(await chat.open(), tools=TOOLS)
    assert turn.state == "failed"
    assert chat.sent_calls() == []


async def test_a_title_that_is_generated_while_tools_run_is_announced_at_the_end(chat: FakeChat) -> None:
    go = asyncio.Event()
    chat.models.titles = [go, *chat.models.titles]
    chat.models.next_answers = [tool_calls(SIX)]
    turn = await chat.ended_turn(await chat.open(title=None), tools=TOOLS)
    go.set()
    for _ in range(100):
        await asyncio.sleep(0)
    (call,) = chat.sent_calls()
    await chat.receive_tool_result(call, {})
    assert (await chat.frame_events(turn)).count("conversation.renamed") == 1
    assert len(chat.models.requests_for("title")) == 1
