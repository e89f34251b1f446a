import sys
from pathlib import Path

import pytest

from infra.local.suites import __main__ as program
from infra.local.suites import runner, table
from infra.local.suites.table import SUITES, Suite, find_chromium

GOOD = Suite("good", ((sys.executable, "-c", "print('fine')"),))
BAD = Suite("bad", ((sys.executable, "-c", "raise SystemExit(3)"),))
BROWSER = Suite("e2e", GOOD.commands, needs_browser=True)


@pytest.fixture
def no_browser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHROMIUM_PATH", str(tmp_path / "nothing"))


def last_line(capfd: pytest.CaptureFixture[str]) -> str:
    return capfd.readouterr().out.strip().splitlines()[-1]


def test_the_last_line_reports_that_all_suites_passed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert runner.run([GOOD, GOOD], tmp_path, require_browser=False) == 0
    assert last_line(capfd).startswith("make test: all suites passed in ")


def test_the_first_failure_ends_the_run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert runner.run([BAD, GOOD], tmp_path, require_browser=False) == 1
    out = capfd.readouterr().out
    assert "bad failed" in out.splitlines()[-1]
    assert "fine" not in out


@pytest.mark.usefixtures("no_browser")
@pytest.mark.parametrize(("required", "code"), [(False, 0), (True, 1)])
def test_skipped_browser_tests_are_reported_in_the_last_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], required: bool, code: int
) -> None:
    assert runner.run([GOOD, BROWSER], tmp_path, require_browser=required) == code
    assert "skipped, so the result is incomplete" in last_line(capfd)


def test_a_suite_without_tests_is_an_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tests").mkdir()
    empty = Suite("unit", (("pytest", "-q", "-p", "no:cacheprovider", "tests"),))
    assert runner.run([empty], tmp_path, require_browser=False) == 1
    assert "no tests in tests" in last_line(capfd)


def test_a_command_whose_pattern_matches_no_files_fails(tmp_path: Path) -> None:
    gate = Suite("validate", (("cfn-lint", "infra/sam/*.yaml"),))
    assert runner.run([gate], tmp_path, require_browser=False) == 1


def test_a_missing_tool_is_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert runner.run([Suite("x", (("no-such-tool",),))], tmp_path, require_browser=False) == 1
    assert "no-such-tool is missing" in last_line(capfd)


def test_suites_are_ordered_from_fast_to_slow() -> None:
    names = [suite.name for suite in SUITES]
    assert names == ["lint", "types", "imports", "validate", "unit", "contract", "frontend", "integration", "e2e"]
    assert table.suite("unit") is SUITES[4]


def test_the_browser_of_chromium_path_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM_PATH", sys.executable)
    assert find_chromium() == sys.executable


@pytest.mark.parametrize(
    ("names", "code", "lines"),
    [([], 0, ["make models warns: x"]), ([], 1, []), (["lint"], 0, [])],
    ids=["all passed", "one failed", "one suite alone"],
)
def test_the_warnings_about_models_come_last_and_change_no_result(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], names: list[str], code: int, lines: list[str]
) -> None:
    monkeypatch.setattr(program, "run", lambda *_, **__: code)
    monkeypatch.setattr(program, "warning_line", lambda _: "make models warns: x")
    assert program.main(names) == code
    assert capsys.readouterr().out.splitlines() == lines
