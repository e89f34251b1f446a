"""Backoff: pauses after failures."""

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from shared.aws.errors import error_code, is_throttled, is_unavailable
from shared.backoff import CircuitPause, KeyedBackoff, jittered_backoff_s
from tests.fakes.clock import FakeClock
from tests.fakes.faults import aws_error


@pytest.mark.parametrize(("attempt", "longest_s"), [(1, 2), (2, 4), (4, 16), (9, 60), (10_000, 60)])
def test_each_failure_doubles_the_wait_up_to_a_cap_and_half_of_it_is_random(attempt: int, longest_s: int) -> None:
    waits = {jittered_backoff_s(attempt, base_s=2, cap_s=60) for _ in range(50)}
    assert all(longest_s / 2 <= wait <= longest_s for wait in waits)
    assert len(waits) > 1


def test_concurrent_failures_raise_the_pause_once() -> None:
    circuit = CircuitPause(FakeClock(), base_s=1)
    for _ in range(50):
        circuit.record_failure()
    assert 0 < circuit.pause_s() <= 1


def test_repeated_failures_double_the_pause_and_a_success_resets_it() -> None:
    clock = FakeClock()
    circuit = CircuitPause(clock, base_s=1, cap_s=30)
    for longest in (1, 2, 4, 8, 16, 30, 30):
        circuit.record_failure()
        assert longest / 2 <= circuit.pause_s() <= longest
        circuit.record_success()  # began before the failure: changes nothing
        clock.advance(longest)
        assert circuit.pause_s() == 0
    circuit.record_success()
    circuit.record_failure()
    assert circuit.pause_s() <= 1


def test_a_failing_key_does_not_delay_other_keys() -> None:
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


def test_only_the_latest_failing_keys_are_remembered() -> None:
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
def test_throttling_server_errors_and_lost_connections_mean_unavailable(error: Exception) -> None:
    assert is_unavailable(error)
    wrapped = LookupError("no answer")
    wrapped.__cause__ = error
    assert is_unavailable(wrapped)


def test_a_client_error_or_a_bug_does_not_mean_unavailable() -> None:
    assert not is_unavailable(aws_error("ValidationException"))
    assert not is_unavailable(KeyError("ThrottlingException"))
