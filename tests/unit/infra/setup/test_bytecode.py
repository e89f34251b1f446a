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


def test_sources_are_compiled_although_bytecode_is_disabled(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    compile_sources(tmp_path)
    assert compiled(source).is_file()


def test_an_unchanged_source_is_not_compiled_again(tmp_path: Path, source: Path) -> None:
    compile_sources(tmp_path)
    before = compiled(source).stat()
    compile_sources(tmp_path)
    assert compiled(source).stat().st_ino == before.st_ino


def test_a_changed_source_is_compiled_again(tmp_path: Path, source: Path) -> None:
    compile_sources(tmp_path)
    before = compiled(source).read_bytes()
    source.write_text("WORD = 'good morning'\n")
    os.utime(source, (0, 0))  # Python compares timestamps in whole seconds
    compile_sources(tmp_path)
    assert compiled(source).read_bytes() != before


def test_a_source_with_a_syntax_error_is_skipped(tmp_path: Path, source: Path) -> None:
    source.write_text("def :\n")
    compile_sources(tmp_path)
    assert not compiled(source).exists()
