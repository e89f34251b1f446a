"""The arithmetic of the benchmarks."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.aims import Aim, evaluate
from tests.bench.figures import difference_of_medians
from tests.bench.plan import StreamResult
from tests.trials.report import percentile, spread

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40)


def results(side: str = "chat", **changes: object) -> StreamResult:
    whole = {
        "side": side, "started": 0.0, "ended": 1.0, "ttft": 60.0, "lags": [1.0], "frames": 3, "tokens": 1,
        "turn_id": "turn_1", "conversation": "conv_1", "text": "Hi", "problem": None, "is_consistent": True,
    }  # fmt: skip
    return StreamResult(**{**whole, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(("share", "value"), [(0, 1), (0.5, 2.5), (0.95, 3.85), (1, 4)])
def test_a_percentile_is_interpolated_between_the_nearest_values(share: float, value: float) -> None:
    assert percentile([4, 2, 1, 3], share) == pytest.approx(value)


def test_the_spread_of_no_values_is_zero() -> None:
    assert spread([]) == {"p50": 0.0, "p95": 0.0, "max": 0.0}


@given(VALUES, st.floats(0, 1))
def test_a_percentile_is_within_the_range_of_the_values(values: list[float], share: float) -> None:
    assert min(values) <= percentile(values, share) <= max(values)


def test_the_confidence_interval_of_a_difference_usually_contains_the_true_one() -> None:
    generator, covered = random.Random(1), 0  # noqa: S311 - repeatable on purpose
    for seed in range(20):
        slow, fast = ([generator.gauss(middle, 2) for _ in range(60)] for middle in (60, 52))
        found = difference_of_medians(slow, fast, seed)
        assert found.low <= found.value <= found.high
        covered += found.low < 8 < found.high
    assert covered >= 17


def test_a_difference_is_formatted_with_its_interval() -> None:
    assert str(difference_of_medians([3.0, 3.0], [1.0, 1.0], seed=4)) == "2.0 [2.0, 2.0]"


def test_the_same_seed_gives_the_same_interval() -> None:
    first, second = [1.0, 2.0, 5.0, 9.0], [0.0, 1.0, 1.5]
    assert difference_of_medians(first, second, 4) == difference_of_medians(first, second, 4)


def test_an_aim_is_met_at_exactly_its_limit() -> None:
    assert Aim("lag", 60, 60).met
    assert not Aim("lag", 60.01, 60).met


def test_a_bench_passes_if_all_aims_are_met_and_all_logs_equal_their_messages() -> None:
    result = evaluate(
        [Aim("lag", 3, 60)], {"pairs": 1}, [results(), results("relay", turn_id=None, is_consistent=None)]
    )
    assert result.passed
    assert result.figures == {"lag": "3 ms (aim <= 60)", "pairs": 1, "logs equal to their messages": "1 of 1"}


@pytest.mark.parametrize(
    ("observed", "complaint"),
    [
        (results(is_consistent=False), "turn_1: the log is not what was streamed and stored"),
        (results(is_consistent=None), "turn_1: the log is not what was streamed and stored"),
        (results(problem="ended with None"), "chat turn_1: ended with None"),
        (results(ttft=None), "chat turn_1: None"),
    ],
)
def test_a_broken_stream_or_a_different_log_fails_a_bench(observed: StreamResult, complaint: str) -> None:
    result = evaluate([Aim("lag", 3, 60)], {}, [observed])
    assert not result.passed
    assert complaint in result.complaints


def test_a_missed_aim_is_reported_with_its_figure() -> None:
    assert evaluate([Aim("lag", 61.5, 60)], {}, []).complaints == ["lag: 61.5 ms (aim <= 60)"]
