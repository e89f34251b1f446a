"""A tool call survives a crash at any step and any number of deliveries.

All results are equal, one event is published, and at least one result is sent.
"""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.events.consumer.messages import Postpone
from tests.fakes.clock import FakeClock
from tests.fakes.example_events import turn_cancelled
from tests.fakes.faults import aws_error
from tests.fakes.tool_calls import Killed, ToolCallSystem, message

STEPS = ["transact_write_items", "transact_write_items", "send_message"]


def assert_consistent(calls: ToolCallSystem) -> None:
    """All results are the same, exactly one event was published, and the record says `succeeded`."""
    (event,) = calls.events()
    answers = calls.answers()
    assert answers
    assert all(answer == answers[0] for answer in answers)
    assert event.type == "agents.tool_call.completed"
    (record,) = [row for row in calls.rows() if row["sk"]["S"] == "CALL"]
    assert record["state"]["S"] == "succeeded"


async def test_a_call_costs_two_transactions_and_one_result_message() -> None:
    calls = ToolCallSystem()
    await calls.call(calls.command())
    assert [*calls.dynamodb.calls, *calls.sqs.calls] == STEPS


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(len(STEPS)))
async def test_a_call_completes_after_its_process_was_killed_at_any_step(at: int, when: str) -> None:
    calls = ToolCallSystem()
    command = calls.command()
    with pytest.raises(Killed):
        await calls.process(at, when)(message(command))
    await calls.call_until_done(command)
    assert_consistent(calls)
    assert calls.runs <= 2


@pytest.mark.parametrize("at", range(len(STEPS)))
async def test_a_call_completes_after_a_table_or_queue_error_at_any_step(at: int) -> None:
    calls = ToolCallSystem()
    command = calls.command()
    client = calls.sqs if STEPS[at] == "send_message" else calls.dynamodb
    client.fail(STEPS[at], aws_error("AccessDeniedException"))
    with pytest.raises(Exception, match="AccessDenied"):
        await calls.call(command)
    await calls.call_until_done(command)
    assert_consistent(calls)


PROCESS = st.tuples(
    st.one_of(st.none(), st.integers(0, 4)),
    st.sampled_from(["before", "after"]),
    st.lists(st.integers(0, 4), min_size=1, max_size=4),
)


@settings(deadline=None, max_examples=200)
@given(
    processes=st.lists(PROCESS, min_size=1, max_size=5),
    jumps=st.lists(st.tuples(st.integers(0, 5), st.floats(0, 40)), max_size=4),
)
async def test_processes_that_are_killed_or_paused_handle_one_call_consistently(
    processes: Sequence[tuple[int | None, str, Sequence[int]]], jumps: Sequence[tuple[int, float]]
) -> None:
    calls = ToolCallSystem()
    command = calls.command(deadline=2**50)

    async def advance_clock() -> None:
        for steps, seconds in jumps:
            for _ in range(steps):
                await asyncio.sleep(0)
            calls.clock.advance(seconds)

    handlers = [calls.process(at, when, pauses)(message(command)) for at, when, pauses in processes]
    outcomes = await asyncio.gather(*(_outcome(handler) for handler in handlers), advance_clock())
    assert {outcome for outcome in outcomes if outcome} <= {Killed, Postpone}
    await calls.call_until_done(command)
    assert_consistent(calls)


async def _outcome(handling: object) -> type[BaseException] | None:
    try:
        await handling  # type: ignore[misc]
    except (Killed, Postpone) as outcome:
        return type(outcome)
    return None


async def test_calls_of_a_cancelled_turn_are_not_executed_and_get_no_result() -> None:
    calls = ToolCallSystem()
    command = calls.command()
    for _ in range(2):
        await calls.deliver(turn_cancelled(FakeClock(), command.turn_id))
    await calls.call(command)
    assert (calls.runs, calls.answers(), calls.events()) == (0, [], [])
    another = calls.command(turn_id="turn_01J00000000000000000000001")
    await calls.call(another)
    assert [answer.call_id for answer in calls.answers()] == [another.call_id]


async def test_a_killed_call_of_a_cancelled_turn_is_not_taken_over() -> None:
    calls = ToolCallSystem()
    command = calls.command()
    with pytest.raises(Killed):
        await calls.process(1)(message(command))
    calls.clock.advance(60)
    await calls.deliver(turn_cancelled(FakeClock(), command.turn_id))
    await calls.call(command)
    assert (calls.runs, calls.answers(), calls.events()) == (1, [], [])


async def test_a_second_turn_cancelled_event_changes_nothing() -> None:
    calls = ToolCallSystem()
    turn = calls.command().turn_id
    await calls.deliver(turn_cancelled(FakeClock(), turn))
    before = calls.rows()
    calls.clock.advance(1000)
    await calls.deliver(turn_cancelled(FakeClock(), turn))
    assert calls.rows() == before
    (marker,) = before
    assert (marker["pk"]["S"], marker["sk"]["S"]) == (f"TURN#{turn}", "CANCELLED")
    assert "ttl" in marker
