import os
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from infra.setup.bytecode import compile_sources


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for name in ("services", "shared", "infra"):
        (tmp_path / name).mkdir()
    source = tmp_path / "services" / "greeting.py"
    source.write_text("WORD = 'hello'\n")
    return source


def compiled(source: Path) -> Path:
    return Path(cache_from_source(str(source)))


def test_sources_are_compiled_where_a_process_may_not_write_itself(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    compile_sources(tmp_path)
    assert compiled(source).is_file()


def test_what_has_not_changed_is_left_as_it_is(tmp_path: Path, source: Path) -> None:
    compile_sources(tmp_path)
    before = compiled(source).stat()
    compile_sources(tmp_path)
    assert compiled(source).stat().st_ino == before.st_ino


def test_what_has_changed_is_compiled_again(tmp_path: Path, source: Path) -> None:
    compile_sources(tmp_path)
    before = compiled(source).read_bytes()
    source.write_text("WORD = 'good morning'\n")
    os.utime(source, (0, 0))  # Python's stamps are whole seconds
    compile_sources(tmp_path)
    assert compiled(source).read_bytes() != before


def test_a_source_that_is_wrong_says_so_when_it_is_imported_and_not_before(tmp_path: Path, source: Path) -> None:
    source.write_text("def :\n")
    compile_sources(tmp_path)
    assert not compiled(source).exists()
