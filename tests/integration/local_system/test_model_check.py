"""The check runs beside the start of the system; its result is printed at the end and never stops `make up`."""

import os
import sys
import time
from pathlib import Path

import pytest

from infra.local.supervisor.supervisord_config import Program
from infra.local.up.bedrock.model_check import model_check
from infra.local.up.errors import CannotStartError

HANGING = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"


def program(code: str) -> Program:
    return Program("check", (sys.executable, "-c", code), {"PATH": os.environ["PATH"]}, "/")


def test_the_result_is_printed_when_the_block_ends(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with model_check(program("print('  3 models')"), tmp_path / "log"):
        sys.stdout.write("started\n")
        sys.stdout.flush()
    assert capfd.readouterr().out == "started\n  3 models\n"


def test_a_result_that_came_in_time_is_printed_also_if_the_block_takes_longer(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with model_check(program("print('  3 models')"), tmp_path / "log", limit_s=0.01):
        time.sleep(1)
    assert capfd.readouterr().out == "  3 models\n"


def test_the_result_is_printed_also_if_the_system_cannot_start(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CannotStartError), model_check(program("print('  3 models')"), tmp_path / "log"):
        raise CannotStartError("chat did not become ready")
    assert capfd.readouterr().out == "  3 models\n"


def test_a_check_that_fails_names_its_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with model_check(program("raise SystemError('why')"), tmp_path / "log"):
        pass
    assert str(tmp_path / "log") in capfd.readouterr().out
    assert "why" in (tmp_path / "log").read_text()


def test_a_check_that_cannot_be_started_is_reported(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with model_check(Program("check", ("/no/such/program",), {}, "/"), tmp_path / "log"):
        pass
    assert "is not known" in capfd.readouterr().out


def test_a_check_that_hangs_is_ended_with_its_children_at_the_limit(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    started = time.monotonic()
    with model_check(program(HANGING), tmp_path / "log", limit_s=0.5):
        pass
    assert time.monotonic() - started < 5
    assert "took too long" in capfd.readouterr().out


def test_after_ctrl_c_nothing_is_waited_for(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt), model_check(program(HANGING), tmp_path / "log"):
        raise KeyboardInterrupt
    assert time.monotonic() - started < 5
    assert capfd.readouterr().out == ""


def test_with_local_models_nothing_is_checked(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with model_check(None, tmp_path / "log"):
        pass
    assert capfd.readouterr().out == ""
    assert not (tmp_path / "log").exists()
