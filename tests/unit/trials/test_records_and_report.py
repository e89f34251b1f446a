"""A run that was broken off goes on where it stopped; what it had found stays."""

from pathlib import Path

import pytest

from tests.chaos.observation import Frame, ObservedTurn, ReceivedFrame
from tests.chaos.settings import ChaosSettings
from tests.trials.case import Case
from tests.trials.record import Record, Result
from tests.trials.report import percentile, report, spread


def test_rounds_are_there_for_the_next_run(tmp_path: Path) -> None:
    Record(tmp_path / "kills").save_round(3, {"share": 0.5})
    Record(tmp_path / "kills").save_round(11, {"share": 0.7})
    assert Record(tmp_path / "kills").rounds() == {3: {"share": 0.5}, 11: {"share": 0.7}}


def test_a_case_without_a_result_is_still_ahead(tmp_path: Path) -> None:
    record = Record(tmp_path / "kills")
    assert record.result() is None
    record.save_result(Result(True, {"kills": 100}, [], 400.0))
    assert Record(tmp_path / "kills").result() == Result(True, {"kills": 100}, [], 400.0)


def test_a_half_written_round_does_not_count(tmp_path: Path) -> None:
    record = Record(tmp_path)
    record.save_round(0, {})
    (tmp_path / "rounds" / "0001.new").write_text("{half", encoding="utf-8")
    assert list(record.rounds()) == [0]


def test_a_story_survives_being_written_down() -> None:
    told = ObservedTurn("conv_1", "m", "Why?", key="k", turn_id="turn_1", connections=2)
    told.seen.append(ReceivedFrame(Frame(1, "turn.started", '{"turn_id":"turn_1"}', 1), 5.0, 1, "http://door"))
    told.refusals["503 service-unavailable"] += 1
    assert ObservedTurn.load(told.dump()) == told


@pytest.mark.parametrize(("given", "chosen"), [("", ()), ("kills", ("kills",)), ("kills, ledger", ("kills", "ledger"))])
def test_cases_are_picked_by_name(monkeypatch: pytest.MonkeyPatch, given: str, chosen: tuple[str, ...]) -> None:
    monkeypatch.setenv("ONLY", given)
    assert ChaosSettings().only == chosen


def test_the_table_says_what_failed_and_why() -> None:
    async def run(_stage: object) -> Result:
        return Result(True)

    kills = Case("kills", "nothing lost", lambda _: 1, run)
    told = report("chaos", {kills: Result(False, {"kills": 100}, [f"turn_{place}: open" for place in range(12)], 61.0)})
    assert "kills         FAILED" in told
    assert "kills: 100" in told
    assert "! turn_9: open" in told
    assert "! and 2 more" in told
    assert told.endswith("chaos: 0 of 1 cases passed")


def test_percentiles() -> None:
    assert spread([float(each) for each in range(101)]) == {"p50": 50.0, "p95": 95.0, "max": 100.0}
    assert percentile([], 0.95) == 0.0
