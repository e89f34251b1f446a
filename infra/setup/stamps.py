"""Stamps: a step remembers by content what it was made from. File times mean nothing in a fresh clone."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def digest(files: Iterable[Path], *words: str) -> str:
    """Digest of names and contents, in a fixed order. A missing file is part of it."""
    found = hashlib.sha256("\0".join(words).encode())
    for file in sorted(files):
        found.update(f"\0{file}\0".encode())
        found.update(file.read_bytes() if file.is_file() else b"missing")
    return found.hexdigest()


def is_current(stamp: Path, expected: str) -> bool:
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == expected


def set_current(stamp: Path, made_from: str) -> None:
    """Call it when the step has succeeded. The stamp is replaced atomically."""
    new = stamp.with_name(f"{stamp.name}.new")
    new.write_text(made_from, encoding="utf-8")
    new.replace(stamp)
