import sys
from pathlib import Path

import pytest

from infra.setup import commands, frontend, uv
from infra.setup.commands import CannotSetUpError


def program(folder: Path, name: str, script: str) -> dict[str, str]:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return {"PATH": str(folder)}


def test_a_failure_shows_the_end_of_the_tools_output(tmp_path: Path) -> None:
    with pytest.raises(CannotSetUpError, match="no such package"):
        commands.run([sys.executable, "-c", "print('x\\n' * 50, 'no such package'); raise SystemExit(2)"], tmp_path, {})


def test_a_full_disk_is_named_first(tmp_path: Path) -> None:
    with pytest.raises(CannotSetUpError, match=r"^the disk is full"):
        commands.run([sys.executable, "-c", "raise SystemExit('No space left on device')"], tmp_path, {})


def test_a_missing_tool_raises_an_error(tmp_path: Path) -> None:
    with pytest.raises(CannotSetUpError, match="No such file"):
        commands.run([str(tmp_path / "nothing")], tmp_path, {})


def test_without_a_home_the_caches_stay_in_the_checkout(tmp_path: Path) -> None:
    variables = commands.environment(tmp_path, {"HOME": str(tmp_path / "missing")})
    assert variables["UV_CACHE_DIR"].startswith(str(tmp_path))
    assert "UV_CACHE_DIR" not in commands.environment(tmp_path, {"HOME": str(tmp_path)})


def test_uv_never_fetches_an_interpreter(tmp_path: Path) -> None:
    assert commands.environment(tmp_path, {})["UV_PYTHON_DOWNLOADS"] == "never"


def test_an_old_node_is_refused_with_the_required_version(tmp_path: Path) -> None:
    environment = program(tmp_path / "bin", "node", "echo v18.20.1")
    program(tmp_path / "bin", "npm", "exit 0")
    with pytest.raises(CannotSetUpError, match=r"20\.19.*v18\.20\.1"):
        frontend.install(tmp_path, environment)


def test_a_missing_node_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotSetUpError, match="neither is on PATH"):
        frontend.install(tmp_path, {"PATH": str(tmp_path)})


def test_uv_on_path_is_used(tmp_path: Path) -> None:
    environment = program(tmp_path / "bin", "uv", "exit 0")
    assert uv.find_uv(tmp_path, environment) == str(tmp_path / "bin" / "uv")


def test_without_packages_and_build_the_web_client_is_not_built(tmp_path: Path) -> None:
    assert not frontend.is_built(tmp_path)
    assert not frontend.has_packages(tmp_path)
