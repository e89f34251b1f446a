"""Zips: the same contents give the same bytes, and scripts are executable."""

import stat
import zipfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from infra.packaging.zips import unzip, zipped

CONTENTS = {"run.sh": b"#!/bin/sh\n", "services/chat/__init__.py": b"", "shared/a.py": b"a = 1\n"}


def write(folder: Path, body: bytes) -> Path:
    path = folder / "package.zip"
    path.write_bytes(body)
    return path


@given(st.permutations(list(CONTENTS.items())))
def test_the_order_of_the_files_makes_no_difference(items: list[tuple[str, bytes]]) -> None:
    assert zipped(dict(items)) == zipped(CONTENTS)


def test_entries_have_a_fixed_date_and_system(tmp_path: Path) -> None:
    with zipfile.ZipFile(write(tmp_path, zipped(CONTENTS))) as archive:
        entries = archive.infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.create_system for entry in entries} == {3}


def test_files_are_readable_and_scripts_executable_for_everybody(tmp_path: Path) -> None:
    unzip(write(tmp_path, zipped(CONTENTS)), tmp_path / "task")
    modes = {name: stat.S_IMODE((tmp_path / "task" / name).stat().st_mode) for name in CONTENTS}
    assert modes == {"run.sh": 0o755, "services/chat/__init__.py": 0o644, "shared/a.py": 0o644}
    assert (tmp_path / "task" / "shared" / "a.py").read_bytes() == b"a = 1\n"
