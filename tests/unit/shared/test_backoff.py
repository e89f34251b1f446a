"""Pauses after failures."""

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from shared.aws.errors import error_code, is_throttled, is_unavailable
from shared.backoff import CircuitPause, KeyedBackoff, jittered_backoff_s
from tests.fakes.clock import FakeClock
from tests.fakes.faults import aws_error


@pytest.mark.parametrize(("attempt", "whole_s"), [(1, 2), (2, 4), (4, 16), (9, 60), (10_000, 60)])
def test_each_failure_doubles_the_wait_up_to_a_cap_with_half_of_it_left_to_chance(attempt: int, whole_s: int) -> None:
    waits = {jittered_backoff_s(attempt, base_s=2, cap_s=60) for _ in range(50)}
    assert all(whole_s / 2 <= wait <= whole_s for wait in waits)
    assert len(waits) > 1


def test_many_tasks_that_meet_the_same_trouble_slow_the_worker_down_once() -> None:
    circuit = CircuitPause(FakeClock(), base_s=1)
    for _ in range(50):
        circuit.record_failure()
    assert 0 < circuit.pause_s() <= 1


def test_trouble_after_trouble_pauses_longer_and_success_starts_over() -> None:
    clock = FakeClock()
    circuit = CircuitPause(clock, base_s=1, cap_s=30)
    for longest in (1, 2, 4, 8, 16, 30, 30):
        circuit.record_failure()
        assert longest / 2 <= circuit.pause_s() <= longest
        circuit.record_success()  # began before the trouble: says nothing
        clock.advance(longest)
        assert circuit.pause_s() == 0
    circuit.record_success()
    circuit.record_failure()
    assert circuit.pause_s() <= 1


def test_a_thing_that_fails_waits_alone() -> None:
    clock = FakeClock()
    backoff = KeyedBackoff(clock, base_s=2)
    backoff.record_failure("a")
    assert not backoff.is_due("a")
    assert backoff.is_due("b")
    clock.advance(2)
    assert backoff.is_due("a")
    backoff.record_failure("a")
    clock.advance(1.9)
    assert not backoff.is_due("a")
    backoff.clear("a")
    assert backoff.is_due("a")


def test_what_fails_is_remembered_in_bounded_memory() -> None:
    backoff = KeyedBackoff(FakeClock(), limit=3)
    for name in "abcde":
        backoff.record_failure(name)
    assert [name for name in "abcde" if not backoff.is_due(name)] == ["c", "d", "e"]


@pytest.mark.parametrize("code", ["ThrottlingException", "ProvisionedThroughputExceededException", "SlowDown"])
def test_a_throttled_dependency_is_recognised(code: str) -> None:
    assert is_throttled(aws_error(code))


def test_a_transaction_cancelled_for_throttling_is_recognised() -> None:
    reasons = [{"Code": "None"}, {"Code": "ThrottlingError"}]
    assert is_throttled(aws_error("TransactionCanceledException", CancellationReasons=reasons))


def test_other_errors_are_not_throttling() -> None:
    assert not is_throttled(ValueError("ThrottlingException"))
    assert not is_throttled(aws_error("TransactionCanceledException", CancellationReasons=[{"Code": "None"}]))


def test_an_error_is_named_without_its_text() -> None:
    assert error_code(ValueError("the secret")) == "ValueError"
    assert error_code(aws_error("AccessDenied")) == "AccessDenied"
    assert error_code(EndpointConnectionError(endpoint_url="http://x")) == "EndpointConnectionError"


@pytest.mark.parametrize(
    "error",
    [
        aws_error("ThrottlingException"),
        aws_error("InternalServerError"),
        EndpointConnectionError(endpoint_url="http://127.0.0.1:1"),
        ReadTimeoutError(endpoint_url="http://127.0.0.1:1"),
    ],
)
def test_a_dependency_is_unavailable_when_it_is_throttled_broken_or_out_of_reach(error: Exception) -> None:
    assert is_unavailable(error)
    wrapped = LookupError("no answer")
    wrapped.__cause__ = error
    assert is_unavailable(wrapped)


def test_a_refusal_or_a_fault_of_ones_own_is_no_outage() -> None:
    assert not is_unavailable(aws_error("ValidationException"))
    assert not is_unavailable(KeyError("ThrottlingException"))
