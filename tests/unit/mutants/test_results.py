"""Results of mutants: outcomes and shares."""

import json
from pathlib import Path

import pytest

from tests.mutants.results import MutantResults, classify


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (0, "survived"),
        (1, "killed"),
        (3, "killed"),
        (33, "no tests"),
        (5, "no tests"),
        (36, "timeout"),
        (34, "skipped"),
        (-11, "killed"),
        (None, "not tested"),
        (2, "exit code 2"),
    ],
)
def test_an_exit_code_is_classified(code: int | None, outcome: str) -> None:
    assert classify(code) == outcome


def test_mutants_without_tests_count_as_survivors_and_skipped_ones_do_not_count(tmp_path: Path) -> None:
    folder = tmp_path / "mutants" / "shared"
    folder.mkdir(parents=True)
    codes = {"a": 1, "b": 1, "c": 36, "d": 0, "e": 33, "f": 34}
    (folder / "ids.py.meta").write_text(json.dumps({"exit_code_by_key": codes}))
    results = MutantResults.read(tmp_path)
    assert results.share_killed == pytest.approx(3 / 5)
    assert results.survivors() == ["d", "e"]


def test_without_mutants_the_share_killed_is_zero(tmp_path: Path) -> None:
    assert MutantResults.read(tmp_path).share_killed == 0
