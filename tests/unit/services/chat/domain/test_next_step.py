"""The table of `next_step`, row by row, and the rules that hold for every turn."""

import datetime as dt
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chat.domain import (
    NEVER_RUN,
    NO_LEASE,
    TERMINAL,
    ToolCall,
    ToolCallBlock,
    ToolResultBlock,
    ToolRound,
    Turn,
    TurnState,
)
from services.chat.domain.next_step import (
    Drop,
    Finish,
    Run,
    Step,
    StepLimits,
    TakeOver,
    Wait,
    WaitForTools,
    next_step,
)

NOW = 1_800_000_000_000
LIMITS = StepLimits(takeovers=3, commit_grace_ms=60_000)


def turn(**changed: Any) -> Turn:
    fields: dict[str, Any] = {
        "id": "turn_1",
        "conversation_id": "conv_1",
        "owner_id": "ann",
        "user_message_id": "msg_1",
        "message_id": "msg_2",
        "model": "scripted.echo",
        "lease_until": NO_LEASE,
        "deadline": NOW + 600_000,
        "created_at": dt.datetime.fromtimestamp(NOW / 1000, dt.UTC),
    }
    return Turn.model_validate(fields | changed)


def tool_round(*calls: tuple[int, bool]) -> ToolRound:
    """A round with one call for each `(deadline, answered)`."""
    content = [ToolCallBlock(call_id=f"call_{n}", name="calculator", input={}) for n, _ in enumerate(calls)]
    result = ToolResultBlock(call_id="", status="success", output={}, took_ms=1)
    tool_calls = [
        ToolCall(id=block.call_id, deadline=deadline, answer=result if answered else None)
        for block, (deadline, answered) in zip(content, calls, strict=True)
    ]
    return ToolRound(number=1, content=content, calls=tool_calls)


def step(of: Turn | None, *rounds: ToolRound, asked_at: int = NOW) -> Step:
    return next_step(of, rounds, asked_at, NOW, LIMITS)


def test_an_unknown_turn_within_the_commit_grace_is_waited_for() -> None:
    assert step(None, asked_at=NOW - 59_999) == Wait(2)


def test_an_unknown_turn_after_the_commit_grace_is_dropped() -> None:
    assert step(None, asked_at=NOW - 60_000) == Drop()


@pytest.mark.parametrize("state", sorted(TERMINAL))
def test_a_turn_that_has_ended_is_dropped(state: TurnState) -> None:
    assert step(turn(state=state, lease_until=NOW - 1, cancel_requested=True)) == Drop()


@pytest.mark.parametrize(
    "without_runner",
    [
        {"attempt": NEVER_RUN},
        {"attempt": 2},
        {"lease_until": NOW},
        {"state": "awaiting_tools"},
    ],
)
def test_a_cancelled_turn_without_a_runner_is_finished(without_runner: dict[str, Any]) -> None:
    pending = tool_round((NOW + 1, False))
    assert step(turn(cancel_requested=True, **without_runner), pending) == Finish()


def test_a_cancelled_turn_with_a_runner_is_checked_after_its_lease() -> None:
    assert step(turn(cancel_requested=True, lease_until=NOW + 1)) == Wait(0.301)


def test_a_turn_waits_for_a_tool_call_before_its_deadline() -> None:
    answered, late, pending = (NOW + 1, True), (NOW, False), (NOW + 1, False)
    assert step(turn(state="awaiting_tools"), tool_round(answered), tool_round(late, pending)) == WaitForTools(10)


@pytest.mark.parametrize("calls", [[(NOW + 1, True)], [(NOW, False)], [(NOW - 1, True), (NOW - 1, False)]])
def test_a_turn_is_run_after_its_last_tool_result_or_deadline(calls: list[tuple[int, bool]]) -> None:
    assert step(turn(state="awaiting_tools"), tool_round(*calls)) == Run()


def test_a_turn_with_a_runner_is_checked_just_after_its_lease() -> None:
    assert step(turn(lease_until=NOW + 9_000)) == Wait(9.3)


@pytest.mark.parametrize("attempt", [NEVER_RUN, 1, 4])
def test_a_queued_or_handed_over_turn_is_run_after_any_number_of_takeovers(attempt: int) -> None:
    assert step(turn(attempt=attempt, takeovers=3)) == Run()


@pytest.mark.parametrize(("takeovers", "expected"), [(0, TakeOver()), (2, TakeOver()), (3, Finish()), (4, Finish())])
def test_a_turn_that_lost_its_runner_is_taken_over_up_to_the_limit(takeovers: int, expected: Step) -> None:
    assert step(turn(lease_until=NOW, takeovers=takeovers)) == expected


TURNS = st.builds(
    turn,
    state=st.sampled_from(get_args(TurnState)),
    attempt=st.integers(0, 4),
    takeovers=st.integers(0, 4),
    lease_until=st.sampled_from([NO_LEASE, NOW - 1, NOW, NOW + 1, NOW + 9_000]),
    cancel_requested=st.booleans(),
)
ROUNDS = st.lists(
    st.builds(
        lambda calls: tool_round(*calls),
        st.lists(st.tuples(st.sampled_from([NOW - 1, NOW, NOW + 1]), st.booleans()), min_size=1, max_size=3),
    ),
    max_size=2,
)


@given(TURNS, ROUNDS)
def test_only_ended_turns_are_dropped_and_none_with_a_runner_is_run(of: Turn, rounds: list[ToolRound]) -> None:
    found = step(of, *rounds)
    assert (found == Drop()) == of.ended
    if of.is_held(NOW) and not of.ended:
        assert isinstance(found, Wait)
    if isinstance(found, Wait | WaitForTools):
        assert found.seconds > 0
