"""Records of trials: an interrupted run continues, and its results are kept."""

from pathlib import Path

import pytest

from tests.chaos.observation import Frame, ObservedTurn, ReceivedFrame
from tests.chaos.settings import ChaosSettings
from tests.trials.case import Case
from tests.trials.record import Record, Result
from tests.trials.report import percentile, report, spread


def test_saved_rounds_are_read_by_the_next_run(tmp_path: Path) -> None:
    Record(tmp_path / "kills").save_round(3, {"share": 0.5})
    Record(tmp_path / "kills").save_round(11, {"share": 0.7})
    assert Record(tmp_path / "kills").rounds() == {3: {"share": 0.5}, 11: {"share": 0.7}}


def test_a_case_has_no_result_until_one_is_saved(tmp_path: Path) -> None:
    record = Record(tmp_path / "kills")
    assert record.result() is None
    record.save_result(Result(True, {"kills": 100}, [], 400.0))
    assert Record(tmp_path / "kills").result() == Result(True, {"kills": 100}, [], 400.0)


def test_a_partially_written_round_is_ignored(tmp_path: Path) -> None:
    record = Record(tmp_path)
    record.save_round(0, {})
    (tmp_path / "rounds" / "0001.new").write_text("{half", encoding="utf-8")
    assert list(record.rounds()) == [0]


def test_an_observed_turn_is_dumped_and_loaded_unchanged() -> None:
    turn = ObservedTurn("conv_1", "m", "Why?", key="k", turn_id="turn_1", connections=2)
    turn.seen.append(ReceivedFrame(Frame(1, "turn.started", '{"turn_id":"turn_1"}', 1), 5.0, 1, "http://door"))
    turn.refusals["503 service-unavailable"] += 1
    assert ObservedTurn.load(turn.dump()) == turn


@pytest.mark.parametrize(("given", "chosen"), [("", ()), ("kills", ("kills",)), ("kills, ledger", ("kills", "ledger"))])
def test_cases_are_selected_by_name(monkeypatch: pytest.MonkeyPatch, given: str, chosen: tuple[str, ...]) -> None:
    monkeypatch.setenv("ONLY", given)
    assert ChaosSettings().only == chosen


def test_the_report_has_the_failed_cases_with_their_complaints() -> None:
    async def run(_stage: object) -> Result:
        return Result(True)

    kills = Case("kills", "nothing lost", lambda _: 1, run)
    text = report("chaos", {kills: Result(False, {"kills": 100}, [f"turn_{place}: open" for place in range(12)], 61.0)})
    assert "kills         FAILED" in text
    assert "kills: 100" in text
    assert "! turn_9: open" in text
    assert "! and 2 more" in text
    assert text.endswith("chaos: 0 of 1 cases passed")


def test_percentiles() -> None:
    assert spread([float(each) for each in range(101)]) == {"p50": 50.0, "p95": 95.0, "max": 100.0}
    assert percentile([], 0.95) == 0.0
