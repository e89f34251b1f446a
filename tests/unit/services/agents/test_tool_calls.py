"""A tool call that a model requests always gets one result, one event and one record."""

import asyncio
import json
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import BaseModel

from services.agents.execution import OUTPUT_MAX
from services.agents.tables import ANSWER_RETENTION_S
from shared.clock import epoch_seconds
from shared.events.consumer.messages import PoisonMessageError, Postpone, QueueMessage
from shared.events.envelope import Actor
from shared.telemetry import current_traceparent
from shared.telemetry.spans import record_spans
from tests.fakes.tool_calls import TIME_S, TURN, Killed, Number, ToolCallSystem, message

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Text(BaseModel):
    text: str


@pytest.fixture
def calls() -> ToolCallSystem:
    return ToolCallSystem()


async def result_of(calls: ToolCallSystem, *given: Any, **more: Any) -> tuple[str, Any, str | None]:
    """Execute one call and return (status, output, reason in its event)."""
    await calls.call(calls.command(*given, **more))
    (answer,), (event,) = calls.answers(), calls.events()
    assert (event.type == "agents.tool_call.completed") == (answer.status == "success")
    return answer.status, answer.output, event.data.get("reason")


async def test_the_result_is_sent_to_the_turn_of_the_call(calls: ToolCallSystem) -> None:
    command = calls.command("calculator", {"expression": "6 * 7"}, traceparent=TRACE)
    await calls.call(command)
    (answer,) = calls.answers()
    assert answer.model_dump() == {
        "turn_id": command.turn_id,
        "call_id": command.call_id,
        "status": "success",
        "output": {"result": "42", "exact": True},
        "took_ms": 0,
        "traceparent": TRACE,
    }


async def test_the_event_has_caller_tool_and_duration_but_no_input_or_output(calls: ToolCallSystem) -> None:
    async def work(_input: Any) -> Text:
        calls.clock.advance(1.25)
        return Text(text="canary of the output")

    calls.add("worker", work, output=Text, repeatable=True)
    command = calls.command("worker", {"words": ["canary of the input"]})
    await calls.call(command)
    (event,) = calls.events()
    assert calls.notified == [event]
    assert (event.type, event.subject, event.actor) == (
        "agents.tool_call.completed", command.call_id, Actor(kind="user", id="ann"),
    )  # fmt: skip
    assert event.data == {
        "call_id": command.call_id,
        "turn_id": TURN,
        "principal_kind": "user",
        "principal_id": "ann",
        "tool": "worker",
        "attempt": 1,
        "took_ms": 1250,
        "started_at": "2026-11-23T12:00:00Z",
        "ended_at": "2026-11-23T12:00:01.250000Z",
    }
    assert "canary" not in event.model_dump_json()


async def test_input_and_output_are_not_logged_and_only_the_output_is_stored_for_a_day(
    calls: ToolCallSystem, capsys: pytest.CaptureFixture[str]
) -> None:
    await calls.call(calls.command("calculator", {"expression": "771177 * 1000003"}))
    await calls.call(calls.command("calculator", {"expression": "771177 canary"}))
    await calls.call(calls.command("canary", {"canary": "canary"}))
    result = str(771177 * 1000003)
    assert not any(word in capsys.readouterr().out for word in ("771177", "canary", result))
    kept = [row for row in calls.rows() if any(word in json.dumps(row) for word in ("771177", "canary", result))]
    assert {row["sk"]["S"] for row in kept} == {"ANSWER"}
    day = epoch_seconds(calls.clock.now()) + ANSWER_RETENTION_S
    assert {int(row["ttl"]["N"]) for row in kept} == {day}


async def test_a_call_has_a_record_that_belongs_to_its_principal(calls: ToolCallSystem) -> None:
    command = calls.command()
    await calls.call(command)
    (record,) = [row for row in calls.rows() if row["sk"]["S"] == "CALL"]
    assert record["pk"]["S"] == f"CALL#{command.call_id}"
    assert (record["state"]["S"], record["principal_id"]["S"]) == ("succeeded", "ann")


@pytest.mark.parametrize(
    ("given", "message_part"),
    [
        ({}, "expression: Field required"),
        ({"expression": ""}, "expression: String should have at least 1 character"),
        ({"expression": 7}, "expression: Input should be a valid string"),
        ({"expression": "1", "precision": 3}, "precision: Extra inputs are not permitted"),
    ],
)
async def test_invalid_input_gives_an_error_result_that_says_what_is_wrong(
    calls: ToolCallSystem, given: dict[str, Any], message_part: str
) -> None:
    status, output, reason = await result_of(calls, "calculator", given)
    assert (status, reason) == ("error", "invalid_input")
    assert message_part in output["error"]


async def test_the_error_for_many_invalid_fields_is_cut(calls: ToolCallSystem) -> None:
    _, output, _ = await result_of(calls, "counter", {"words": list(range(1000))})
    assert len(output["error"]) < 500


async def test_an_unknown_tool_gives_an_error_result_that_lists_the_known_tools(calls: ToolCallSystem) -> None:
    status, output, reason = await result_of(calls, "canary", {"canary": 1})
    assert (status, reason) == ("error", "unknown_tool")
    assert "calculator" in output["error"]
    (event,) = calls.events()
    assert event.data["tool"] == "unknown"  # the name was written by a model, so no event repeats it


async def test_an_input_that_the_tool_refuses_gives_an_error_result_with_its_message(calls: ToolCallSystem) -> None:
    assert await result_of(calls, "calculator", {"expression": "1/0"}) == (
        "error", {"error": "division by zero"}, "refused",
    )  # fmt: skip


async def test_a_tool_that_raises_gives_an_error_result_without_its_message(calls: ToolCallSystem) -> None:
    async def raise_error(_input: Any) -> Number:
        raise RuntimeError("canary: a bug of the tool")

    calls.add("failing", raise_error)
    status, output, reason = await result_of(calls, "failing")
    assert (status, reason) == ("error", "broken")
    assert "canary" not in output["error"]


async def test_a_tool_that_exceeds_its_timeout_is_stopped(calls: ToolCallSystem) -> None:
    stopped = asyncio.Event()

    async def wait_forever(_input: Any) -> Number:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return Number(number=0)

    calls.add("waiting", wait_forever, timeout_s=0.02)
    assert await result_of(calls, "waiting") == (
        "error", {"error": "the tool took longer than 0.02 s"}, "timed_out",
    )  # fmt: skip
    assert stopped.is_set()


async def test_a_tool_is_stopped_at_the_deadline_of_its_call(calls: ToolCallSystem) -> None:
    calls.add("waiting", lambda _input: asyncio.Event().wait(), timeout_s=60)
    soon = calls.command().deadline - round(TIME_S * 1000) + 20
    assert (await result_of(calls, "waiting", deadline=soon))[2] == "timed_out"


@pytest.mark.parametrize(("ago_ms", "reason"), [(0, "too_late"), (60_000, "too_late"), (-1000, None)])
async def test_a_call_past_its_deadline_gets_an_error_result_and_is_not_executed(
    calls: ToolCallSystem, ago_ms: int, reason: str | None
) -> None:
    now = calls.command().deadline - round(TIME_S * 1000)
    assert (await result_of(calls, "counter", deadline=now - ago_ms))[2] == reason
    assert calls.runs == (0 if reason else 1)


@pytest.mark.parametrize(("excess", "reason"), [(0, None), (1, "too_large")])
@pytest.mark.parametrize("letter", ["x", "말"])
async def test_an_output_above_the_largest_size_gives_an_error_result(
    calls: ToolCallSystem, excess: int, reason: str | None, letter: str
) -> None:
    frame = len(json.dumps({"text": ""}))
    size = len(letter.encode())

    async def write(_input: Any) -> Text:
        return Text(text=letter * ((OUTPUT_MAX - frame) // size) + "x" * ((OUTPUT_MAX - frame) % size + excess))

    calls.add("writer", write, output=Text)
    status, output, event = await result_of(calls, "writer")
    assert event == reason
    assert status == ("error" if reason else "success")
    assert len(output.get("text", "")) == 0 or len(json.dumps(output, ensure_ascii=False).encode()) == OUTPUT_MAX


async def test_a_call_delivered_again_is_not_executed_again_and_gets_the_same_result(calls: ToolCallSystem) -> None:
    command = calls.command()
    for _ in range(3):
        await calls.call(command)
    assert calls.runs == 1
    assert [answer.output for answer in calls.answers()] == [{"number": 1}] * 3
    assert len(calls.events()) == 1


async def test_a_failed_call_delivered_again_gets_the_same_result(calls: ToolCallSystem) -> None:
    command = calls.command("calculator", {"expression": "1/0"})
    for _ in range(2):
        await calls.call(command)
    first, second = calls.answers()
    assert first == second


async def test_a_call_delivered_after_its_stored_result_expired_gets_an_error_result(calls: ToolCallSystem) -> None:
    command = calls.command()
    await calls.call(command)
    calls.clock.advance(ANSWER_RETENTION_S)
    await calls.call(command)
    assert [answer.status for answer in calls.answers()] == ["success", "error"]
    assert calls.runs == 1


async def test_a_call_that_is_being_executed_is_postponed_for_other_processes(calls: ToolCallSystem) -> None:
    started, release = asyncio.Event(), asyncio.Event()

    async def work(_input: Any) -> Number:
        started.set()
        await release.wait()
        return Number(number=7)

    calls.add("worker", work, timeout_s=10)
    command = calls.command("worker")
    first = asyncio.create_task(calls.call(command))
    await started.wait()
    with pytest.raises(Postpone) as caught:
        await calls.call(command)
    assert 10 < caught.value.seconds <= 13
    release.set()
    await first
    await calls.call(command)
    assert [answer.output for answer in calls.answers()] == [{"number": 7}] * 2


@pytest.mark.parametrize(("repeatable", "reason"), [(True, None), (False, "uncertain")])
async def test_a_call_whose_process_was_killed_is_executed_again_only_if_repeatable(
    calls: ToolCallSystem, repeatable: bool, reason: str | None
) -> None:
    async def die_once(_input: Any) -> Number:
        calls.runs += 1
        if calls.runs == 1:
            raise Killed
        return Number(number=calls.runs)

    calls.add("worker", die_once, repeatable=repeatable, timeout_s=10)
    command = calls.command("worker")
    with pytest.raises(Killed):
        await calls.call(command)
    assert calls.answers() == []
    await calls.call_until_done(command)
    (answer,), (event,) = calls.answers(), calls.events()
    assert (answer.status, event.data.get("reason")) == ("error" if reason else "success", reason)
    assert event.data["attempt"] == 2
    assert calls.runs == (2 if repeatable else 1)


async def test_a_claim_expires_three_seconds_after_the_tools_timeout(calls: ToolCallSystem) -> None:
    async def die(_input: Any) -> Number:
        raise Killed

    calls.add("worker", die, repeatable=True, timeout_s=10)
    command = calls.command("worker")
    with pytest.raises(Killed):
        await calls.call(command)
    calls.clock.advance(12.5)
    with pytest.raises(Postpone) as caught:
        await calls.call(command)
    assert caught.value.seconds == 0.5
    calls.clock.advance(0.5)
    with pytest.raises(Killed):  # it was executed again
        await calls.call(command)


async def test_of_two_processes_that_find_an_expired_claim_one_executes_the_call(calls: ToolCallSystem) -> None:
    async def die_once(_input: Any) -> Number:
        calls.runs += 1
        if calls.runs == 1:
            raise Killed
        await asyncio.sleep(0)
        return Number(number=calls.runs)

    calls.add("worker", die_once, repeatable=True)
    command = calls.command("worker")
    with pytest.raises(Killed):
        await calls.call(command)
    calls.clock.advance(60)
    command = command.model_copy(update={"deadline": command.deadline + 60_000})
    handlers = [calls.process(pauses=[3])(message(command)) for _ in range(2)]
    outcomes = await asyncio.gather(*handlers, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "Postpone"]
    assert calls.runs == 2


async def test_a_paused_process_that_lost_its_claim_sends_no_result_of_its_own(calls: ToolCallSystem) -> None:
    started, release = asyncio.Event(), asyncio.Event()

    async def work(_input: Any) -> Number:
        calls.runs += 1
        if calls.runs == 1:
            started.set()
            await release.wait()
            return Number(number=1)
        return Number(number=2)

    calls.add("worker", work, repeatable=True)
    command = calls.command("worker")
    zombie = asyncio.create_task(calls.call(command))
    await started.wait()
    calls.clock.advance(40)
    await calls.call(command)
    release.set()
    with pytest.raises(Postpone):
        await zombie
    await calls.call(command)
    assert [answer.output for answer in calls.answers()] == [{"number": 2}] * 2
    assert len(calls.events()) == 1


async def test_the_tool_runs_within_the_callers_trace(calls: ToolCallSystem) -> None:
    seen: list[str | None] = []

    async def look(_input: Any) -> Number:
        seen.append(current_traceparent())
        return Number(number=0)

    calls.add("looker", look)
    await calls.call(calls.command("looker", traceparent=TRACE))
    (trace,) = seen
    assert trace is not None
    assert trace != TRACE
    assert trace.split("-")[1] == TRACE.split("-")[1]
    (event,) = calls.events()
    assert event.traceparent == trace


@pytest.mark.parametrize(("name", "shown"), [("calculator", "calculator"), ("canary", "unknown")])
async def test_a_span_names_known_tools_and_calls_others_unknown(calls: ToolCallSystem, name: str, shown: str) -> None:
    provider, exporter = TracerProvider(shutdown_on_exit=False), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with record_spans(provider):
        await calls.call(calls.command(name, {"canary": "canary"}, traceparent=TRACE))
    provider.shutdown()
    (executed,) = [span for span in exporter.get_finished_spans() if span.name == "execute_tool"]
    assert executed.attributes is not None
    assert executed.attributes["gen_ai.tool.name"] == shown
    assert "canary" not in str(executed.attributes)


@pytest.mark.parametrize("body", ["{", "{}", '{"call_id": "call_1"}'])
@pytest.mark.parametrize("attributes", [{}, {"type": "agents.tool_call.execute"}])
async def test_a_message_that_is_no_tool_call_is_poison(
    calls: ToolCallSystem, body: str, attributes: dict[str, str]
) -> None:
    with pytest.raises(PoisonMessageError, match="CallTool"):
        await calls.process()(QueueMessage("m", body, "r", attributes=attributes))
    assert calls.rows() == []


async def test_a_call_without_a_type_attribute_is_executed_and_its_result_has_a_type(calls: ToolCallSystem) -> None:
    await calls.process()(QueueMessage("m", calls.command().model_dump_json(), "r"))
    assert calls.runs == 1
    assert calls.sqs.attributes("turns") == [{"type": "chat.tool_call.answer"}]


async def test_a_command_of_another_type_is_poison_and_not_executed(calls: ToolCallSystem) -> None:
    body = calls.command().model_dump_json()
    with pytest.raises(PoisonMessageError, match="unknown command"):
        await calls.process()(QueueMessage("m", body, "r", attributes={"type": "agents.tool_call.forget"}))
    assert calls.runs == 0


async def test_the_actor_of_the_event_is_the_principal_of_the_turn(calls: ToolCallSystem) -> None:
    command = calls.command(principal_kind="machine", principal_id="key_01J00000000000000000000000")
    await calls.process()(message(command))
    (event,) = calls.events()
    assert event.actor == Actor(kind="machine", id="key_01J00000000000000000000000")
