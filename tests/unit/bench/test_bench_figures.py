"""The arithmetic of the benches: a wrong figure looks as good as a right one."""

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
def test_a_percentile_lies_between_its_two_nearest(share: float, value: float) -> None:
    assert percentile([4, 2, 1, 3], share) == pytest.approx(value)


def test_nothing_has_no_percentile_to_stumble_over() -> None:
    assert spread([]) == {"p50": 0.0, "p95": 0.0, "max": 0.0}


@given(VALUES, st.floats(0, 1))
def test_a_percentile_is_never_outside_of_what_was_seen(values: list[float], share: float) -> None:
    assert min(values) <= percentile(values, share) <= max(values)


def test_a_difference_comes_with_an_interval_that_nearly_always_holds_the_true_one() -> None:
    dice, held = random.Random(1), 0  # noqa: S311 - repeatable on purpose
    for seed in range(20):
        slow, fast = ([dice.gauss(middle, 2) for _ in range(60)] for middle in (60, 52))
        found = difference_of_medians(slow, fast, seed)
        assert found.low <= found.value <= found.high
        held += found.low < 8 < found.high
    assert held >= 17


def test_a_difference_is_told_with_its_interval() -> None:
    assert str(difference_of_medians([3.0, 3.0], [1.0, 1.0], seed=4)) == "2.0 [2.0, 2.0]"


def test_the_same_seed_finds_the_same_interval() -> None:
    first, second = [1.0, 2.0, 5.0, 9.0], [0.0, 1.0, 1.5]
    assert difference_of_medians(first, second, 4) == difference_of_medians(first, second, 4)


def test_an_aim_that_is_met_to_the_dot_is_met() -> None:
    assert Aim("lag", 60, 60).met
    assert not Aim("lag", 60.01, 60).met


def test_a_bench_passes_when_every_aim_is_met_and_every_log_is_its_message() -> None:
    result = evaluate(
        [Aim("lag", 3, 60)], {"pairs": 1}, [results(), results("relay", turn_id=None, is_consistent=None)]
    )
    assert result.passed
    assert result.figures == {"lag": "3 ms (aim <= 60)", "pairs": 1, "logs equal to their messages": "1 of 1"}


@pytest.mark.parametrize(
    ("seen", "complaint"),
    [
        (results(is_consistent=False), "turn_1: the log is not what was streamed and stored"),
        (results(is_consistent=None), "turn_1: the log is not what was streamed and stored"),
        (results(problem="ended with None"), "chat turn_1: ended with None"),
        (results(ttft=None), "chat turn_1: None"),
    ],
)
def test_a_broken_stream_or_another_log_fails_a_bench_however_fast_it_was(seen: StreamResult, complaint: str) -> None:
    result = evaluate([Aim("lag", 3, 60)], {}, [seen])
    assert not result.passed
    assert complaint in result.complaints


def test_an_aim_that_is_missed_is_named_with_its_figure() -> None:
    assert evaluate([Aim("lag", 61.5, 60)], {}, []).complaints == ["lag: 61.5 ms (aim <= 60)"]
