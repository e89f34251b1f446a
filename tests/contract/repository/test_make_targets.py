"""Every make target works on a fresh clone: it depends on the set-up that its code needs."""

import re
from typing import Final

import pytest

from tests.contract.repository.makefile import ROOT, Target, make_commands, opens_web_client, targets

MAKEFILE: Final = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS: Final = targets(MAKEFILE)
SET_UP: Final = {"python-found", "setup", "setup-python"}
OTHERS: Final = sorted(TARGETS.keys() - SET_UP)
WITHOUT_WEB_CLIENT: Final = {
    "unit": "its tests make folders of their own for the web client",
    "contract": "its tests read what the deployer declares and deploy nothing",
    "destroy": "shares its module with `deploy`, which uploads the web client",
}


def reasons(target: Target) -> set[str]:
    """Why the target needs the built web client or its packages; empty if it does not."""
    found = {file.relative_to(ROOT).as_posix() for file in target.files if opens_web_client(file)}
    if "up" in {target.name, *(command for file in target.files for command in make_commands(file))}:
        found.add("make up")
    if target.runs_npm:
        found.add("npm")
    return found


def test_targets_are_parsed_with_their_dependencies() -> None:
    assert {"up", "test", "unit", "e2e", "test-lambda", "lock"} <= TARGETS.keys()
    assert TARGETS["up"].needs == ("setup",)
    assert TARGETS["unit"].needs == ("setup-python",)
    assert TARGETS["logs"].needs == ()


@pytest.mark.parametrize("name", OTHERS)
def test_a_target_depends_on_the_python_setup_if_and_only_if_it_runs_python(name: str) -> None:
    target = TARGETS[name]
    assert bool(set(target.needs) & SET_UP) == target.runs_our_python


@pytest.mark.parametrize("name", OTHERS)
def test_a_target_depends_on_the_web_client_if_and_only_if_it_needs_it(name: str) -> None:
    found = reasons(TARGETS[name])
    if name in WITHOUT_WEB_CLIENT:
        assert found, "the exception has no reason any more"
        found = set()
    assert ("setup" in TARGETS[name].needs) == bool(found), found


def test_the_code_of_a_target_includes_imports_programs_and_test_folders() -> None:
    def files(name: str) -> set[str]:
        return {file.relative_to(ROOT).as_posix() for file in TARGETS[name].files}

    assert "infra/local/gateway/app.py" in files("up")  # started as a program
    assert "tests/e2e/conftest.py" in files("test-lambda")  # imported by a test of a folder
    assert "tests/unit/conftest.py" not in files("test-lambda")
    assert "make up" in reasons(TARGETS["bench"])  # started by make


def test_every_target_is_phony() -> None:
    declared = re.search(r"^\.PHONY:(.*)", MAKEFILE.replace("\\\n", " "), re.MULTILINE)
    assert declared
    assert set(declared[1].split()) == TARGETS.keys()
