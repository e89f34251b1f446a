"""Remembers what a step was made from, by content: a fresh clone's file times say nothing."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def digest(files: Iterable[Path], *words: str) -> str:
    """Of names and contents, in a fixed order. A missing file counts as such."""
    found = hashlib.sha256("\0".join(words).encode())
    for file in sorted(files):
        found.update(f"\0{file}\0".encode())
        found.update(file.read_bytes() if file.is_file() else b"missing")
    return found.hexdigest()


def is_current(stamp: Path, expected: str) -> bool:
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == expected


def set_current(stamp: Path, made_from: str) -> None:
    """To be called when the step has succeeded; replaced at once, never half written."""
    new = stamp.with_name(f"{stamp.name}.new")
    new.write_text(made_from, encoding="utf-8")
    new.replace(stamp)
