"""Figures about our code in the documentation are correct: approximately after `about`, otherwise exactly."""

import re
import statistics
from pathlib import Path
from typing import Final

import pytest

from infra.deploy.deployment import ALL
from infra.local.aws.stubs import STUBBED_TYPES
from tests.contract.repository.test_repository_rules import PYTHON, tracked

ROOT: Final = Path(__file__).parents[3]
PAGES: Final = {
    file.relative_to(ROOT).as_posix(): " ".join(file.read_text(encoding="utf-8").split())
    for file in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
}
TOLERANCE: Final = 0.25
SIZE: Final = re.compile(r"\b[Aa]bout (\d[\d ]*) (lines|modules) in `([\w/.]+)`")
UNCHECKED: Final = re.compile(
    r"\b(?:\w+ (?:hundred|thousand)|\d[\d ,]*) (?:lines of (?:our|code)|modules of ours|tests)\b", re.IGNORECASE
)
NUMBERS: Final = {8: "eight", 9: "nine", 10: "ten", 11: "eleven", 12: "twelve"}


def size(unit: str, folder: str) -> int:
    files = [file for file in PYTHON if file.is_relative_to(ROOT / folder)]
    return len(files) if unit == "modules" else sum(len(file.read_text().splitlines()) for file in files)


@pytest.mark.parametrize("page", [name for name, text in PAGES.items() if SIZE.search(text)])
def test_the_size_of_a_folder_is_about_the_documented_one(page: str) -> None:
    for stated, unit, folder in SIZE.findall(PAGES[page]):
        assert size(unit, folder) == pytest.approx(int(stated.replace(" ", "")), rel=TOLERANCE), folder


def test_documented_sizes_have_the_form_that_can_be_checked() -> None:
    """`about 2 100 lines in `folder``, and not `nine hundred lines of our own`."""
    assert any(SIZE.search(text) for text in PAGES.values())
    assert {name: found[0] for name, text in PAGES.items() if (found := UNCHECKED.search(text))} == {}


def test_modules_are_as_small_as_contributing_says() -> None:
    found = re.search(r"median below (\d+) lines, none above (\d+)", PAGES["CONTRIBUTING.md"])
    assert found
    modules = [*PYTHON, *tracked("frontend/src/**/*.ts", "frontend/src/**/*.tsx")]
    own = [file for file in modules if "generated" not in file.parts]
    lines = [len(file.read_text(encoding="utf-8").splitlines()) for file in own]
    assert statistics.median(lines) < int(found[1])
    assert max(lines) <= int(found[2])


def test_the_documented_number_of_stacks_is_correct() -> None:
    assert f"{NUMBERS[len(ALL)]} stacks" in PAGES["docs/migrating-from-bedrock-chat.md"]


def test_the_documented_number_of_stubbed_types_is_correct() -> None:
    assert f"{NUMBERS[len(STUBBED_TYPES)]} kinds" in PAGES["docs/adr/0011-one-deployer-here-and-there.md"].lower()
