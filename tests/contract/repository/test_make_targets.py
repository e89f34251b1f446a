"""Every make target works by itself on a fresh clone: it depends on the set-up of everything that its code needs."""

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


def test_the_makefile_is_read_as_make_reads_it() -> None:
    assert {"up", "test", "unit", "e2e", "test-lambda", "lock"} <= TARGETS.keys()
    assert TARGETS["up"].needs == ("setup",)
    assert TARGETS["unit"].needs == ("setup-python",)
    assert TARGETS["logs"].needs == ()


@pytest.mark.parametrize("name", OTHERS)
def test_a_target_that_runs_our_python_has_it_installed(name: str) -> None:
    target = TARGETS[name]
    assert bool(set(target.needs) & SET_UP) == target.runs_our_python


@pytest.mark.parametrize("name", OTHERS)
def test_a_target_that_needs_the_web_client_has_it_built_and_no_other_waits_for_it(name: str) -> None:
    found = reasons(TARGETS[name])
    if name in WITHOUT_WEB_CLIENT:
        assert found, "the exception has no reason any more"
        found = set()
    assert ("setup" in TARGETS[name].needs) == bool(found), found


def test_the_code_of_a_target_is_found_through_imports_programs_and_folders_of_tests() -> None:
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
