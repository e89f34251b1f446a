"""The table of areas refers to existing files and tests."""

from pathlib import Path

import pytest

from tests.mutants.areas import AREAS, Area

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("area", AREAS, ids=[area.name for area in AREAS])
def test_every_pattern_matches_files_and_every_test_exists(area: Area) -> None:
    for pattern in area.sources:
        assert list(ROOT.glob(pattern)), pattern
    for tests in area.tests:
        assert (ROOT / tests).exists(), tests


def test_no_file_is_in_two_areas() -> None:
    files = [file for area in AREAS for pattern in area.sources for file in ROOT.glob(pattern)]
    assert len(files) == len(set(files))
