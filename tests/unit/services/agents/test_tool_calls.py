"""What becomes of a call that a model asks for: always one answer that it can use, one event, one record."""

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


async def answer_to(calls: ToolCallSystem, *given: Any, **more: Any) -> tuple[str, Any, str | None]:
    """(status, output, reason as told to others) of one call."""
    await calls.call(calls.command(*given, **more))
    (answer,), (event,) = calls.answers(), calls.events()
    assert (event.type == "agents.tool_call.completed") == (answer.status == "success")
    return answer.status, answer.output, event.data.get("reason")


async def test_the_result_goes_to_the_turn_that_asked(calls: ToolCallSystem) -> None:
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


async def test_others_are_told_who_what_and_how_long_but_no_word_of_it(calls: ToolCallSystem) -> None:
    async def work(_asked: Any) -> Text:
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


async def test_neither_input_nor_output_is_logged_and_the_output_is_kept_for_a_day(
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


async def test_a_call_has_a_record_that_its_person_can_read(calls: ToolCallSystem) -> None:
    command = calls.command()
    await calls.call(command)
    (record,) = [row for row in calls.rows() if row["sk"]["S"] == "CALL"]
    assert record["pk"]["S"] == f"CALL#{command.call_id}"
    assert (record["state"]["S"], record["principal_id"]["S"]) == ("succeeded", "ann")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "expression: Field required"),
        ({"expression": ""}, "expression: String should have at least 1 character"),
        ({"expression": 7}, "expression: Input should be a valid string"),
        ({"expression": "1", "precision": 3}, "precision: Extra inputs are not permitted"),
    ],
)
async def test_input_of_another_shape_is_an_answer_that_says_what_is_wrong(
    calls: ToolCallSystem, given: dict[str, Any], says: str
) -> None:
    status, output, reason = await answer_to(calls, "calculator", given)
    assert (status, reason) == ("error", "invalid_input")
    assert says in output["error"]


async def test_many_faults_are_not_all_recited(calls: ToolCallSystem) -> None:
    _, output, _ = await answer_to(calls, "counter", {"words": list(range(1000))})
    assert len(output["error"]) < 500


async def test_a_tool_that_is_not_there_is_an_answer_that_names_those_which_are(calls: ToolCallSystem) -> None:
    status, output, reason = await answer_to(calls, "canary", {"canary": 1})
    assert (status, reason) == ("error", "unknown_tool")
    assert "calculator" in output["error"]
    (event,) = calls.events()
    assert event.data["tool"] == "unknown"  # its name is what a model wrote


async def test_what_a_tool_refuses_is_an_answer_with_its_words(calls: ToolCallSystem) -> None:
    assert await answer_to(calls, "calculator", {"expression": "1/0"}) == (
        "error", {"error": "division by zero"}, "refused",
    )  # fmt: skip


async def test_a_tool_that_breaks_is_an_answer_without_its_words(calls: ToolCallSystem) -> None:
    async def break_down(_asked: Any) -> Number:
        raise RuntimeError("canary: a fault of ours")

    calls.add("brittle", break_down)
    status, output, reason = await answer_to(calls, "brittle")
    assert (status, reason) == ("error", "broken")
    assert "canary" not in output["error"]


async def test_a_tool_that_dawdles_is_stopped(calls: ToolCallSystem) -> None:
    stopped = asyncio.Event()

    async def dawdle(_asked: Any) -> Number:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return Number(number=0)

    calls.add("sloth", dawdle, timeout_s=0.02)
    assert await answer_to(calls, "sloth") == (
        "error", {"error": "the tool took longer than 0.02 s"}, "timed_out",
    )  # fmt: skip
    assert stopped.is_set()


async def test_no_tool_has_more_time_than_its_call(calls: ToolCallSystem) -> None:
    calls.add("sloth", lambda _asked: asyncio.Event().wait(), timeout_s=60)
    soon = calls.command().deadline - round(TIME_S * 1000) + 20
    assert (await answer_to(calls, "sloth", deadline=soon))[2] == "timed_out"


@pytest.mark.parametrize(("ago_ms", "reason"), [(0, "too_late"), (60_000, "too_late"), (-1000, None)])
async def test_a_call_past_its_deadline_is_answered_and_not_executed(
    calls: ToolCallSystem, ago_ms: int, reason: str | None
) -> None:
    now = calls.command().deadline - round(TIME_S * 1000)
    assert (await answer_to(calls, "counter", deadline=now - ago_ms))[2] == reason
    assert calls.runs == (0 if reason else 1)


@pytest.mark.parametrize(("more", "reason"), [(0, None), (1, "too_large")])
@pytest.mark.parametrize("letter", ["x", "말"])
async def test_a_result_has_a_largest_size(calls: ToolCallSystem, more: int, reason: str | None, letter: str) -> None:
    frame = len(json.dumps({"text": ""}))
    size = len(letter.encode())

    async def write(_asked: Any) -> Text:
        return Text(text=letter * ((OUTPUT_MAX - frame) // size) + "x" * ((OUTPUT_MAX - frame) % size + more))

    calls.add("writer", write, output=Text)
    status, output, event = await answer_to(calls, "writer")
    assert event == reason
    assert status == ("error" if reason else "success")
    assert len(output.get("text", "")) == 0 or len(json.dumps(output, ensure_ascii=False).encode()) == OUTPUT_MAX


async def test_what_comes_twice_is_executed_once_and_answered_again(calls: ToolCallSystem) -> None:
    command = calls.command()
    for _ in range(3):
        await calls.call(command)
    assert calls.runs == 1
    assert [answer.output for answer in calls.answers()] == [{"number": 1}] * 3
    assert len(calls.events()) == 1


async def test_a_failure_is_answered_again_as_it_was(calls: ToolCallSystem) -> None:
    command = calls.command("calculator", {"expression": "1/0"})
    for _ in range(2):
        await calls.call(command)
    first, second = calls.answers()
    assert first == second


async def test_an_answer_that_is_no_longer_kept_is_still_an_answer(calls: ToolCallSystem) -> None:
    command = calls.command()
    await calls.call(command)
    calls.clock.advance(ANSWER_RETENTION_S)
    await calls.call(command)
    assert [answer.status for answer in calls.answers()] == ["success", "error"]
    assert calls.runs == 1


async def test_while_somebody_executes_it_nobody_else_does(calls: ToolCallSystem) -> None:
    under_way, may_end = asyncio.Event(), asyncio.Event()

    async def work(_asked: Any) -> Number:
        under_way.set()
        await may_end.wait()
        return Number(number=7)

    calls.add("worker", work, timeout_s=10)
    command = calls.command("worker")
    first = asyncio.create_task(calls.call(command))
    await under_way.wait()
    with pytest.raises(Postpone) as caught:
        await calls.call(command)
    assert 10 < caught.value.seconds <= 13
    may_end.set()
    await first
    await calls.call(command)
    assert [answer.output for answer in calls.answers()] == [{"number": 7}] * 2


@pytest.mark.parametrize(("repeatable", "reason"), [(True, None), (False, "uncertain")])
async def test_what_its_process_died_over_is_executed_again_only_if_that_does_no_harm(
    calls: ToolCallSystem, repeatable: bool, reason: str | None
) -> None:
    async def die_once(_asked: Any) -> Number:
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


async def test_a_claim_holds_for_the_tools_time_and_three_seconds(calls: ToolCallSystem) -> None:
    async def die(_asked: Any) -> Number:
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
    with pytest.raises(Killed):  # it was begun again
        await calls.call(command)


async def test_of_two_that_find_a_dead_claim_one_executes_it(calls: ToolCallSystem) -> None:
    async def die_once(_asked: Any) -> Number:
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
    finders = [calls.process(pauses=[3])(message(command)) for _ in range(2)]
    ends = await asyncio.gather(*finders, return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["NoneType", "Postpone"]
    assert calls.runs == 2


async def test_a_paused_process_that_comes_back_says_nothing_of_its_own(calls: ToolCallSystem) -> None:
    under_way, may_end = asyncio.Event(), asyncio.Event()

    async def work(_asked: Any) -> Number:
        calls.runs += 1
        if calls.runs == 1:
            under_way.set()
            await may_end.wait()
            return Number(number=1)
        return Number(number=2)

    calls.add("worker", work, repeatable=True)
    command = calls.command("worker")
    zombie = asyncio.create_task(calls.call(command))
    await under_way.wait()
    calls.clock.advance(40)
    await calls.call(command)
    may_end.set()
    with pytest.raises(Postpone):
        await zombie
    await calls.call(command)
    assert [answer.output for answer in calls.answers()] == [{"number": 2}] * 2
    assert len(calls.events()) == 1


async def test_the_tool_runs_within_the_callers_trace(calls: ToolCallSystem) -> None:
    seen: list[str | None] = []

    async def look(_asked: Any) -> Number:
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
async def test_a_trace_names_tools_that_there_are_and_no_others(calls: ToolCallSystem, name: str, shown: str) -> None:
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
async def test_what_is_no_call_is_poison(calls: ToolCallSystem, body: str, attributes: dict[str, str]) -> None:
    with pytest.raises(PoisonMessageError, match="CallTool"):
        await calls.process()(QueueMessage("m", body, "r", attributes=attributes))
    assert calls.rows() == []


async def test_a_call_of_a_release_before_types_is_executed_and_its_answer_has_a_type(calls: ToolCallSystem) -> None:
    await calls.process()(QueueMessage("m", calls.command().model_dump_json(), "r"))
    assert calls.runs == 1
    assert calls.sqs.attributes("turns") == [{"type": "chat.tool_call.answer"}]


async def test_another_command_is_not_taken_for_a_call(calls: ToolCallSystem) -> None:
    body = calls.command().model_dump_json()
    with pytest.raises(PoisonMessageError, match="unknown command"):
        await calls.process()(QueueMessage("m", body, "r", attributes={"type": "agents.tool_call.forget"}))
    assert calls.runs == 0


async def test_a_call_is_executed_for_whoever_the_turn_belongs_to(calls: ToolCallSystem) -> None:
    command = calls.command(principal_kind="machine", principal_id="key_01J00000000000000000000000")
    await calls.process()(message(command))
    (event,) = calls.events()
    assert event.actor == Actor(kind="machine", id="key_01J00000000000000000000000")
