"""Stamps: a file with the digest of the sources that a step used, so that the step runs again only after a change.

File times cannot be used, because a fresh clone has new ones.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def digest(files: Iterable[Path], *words: str) -> str:
    """Digest of the words and of the files' names and contents, in a fixed order. A missing file changes it too."""
    found = hashlib.sha256("\0".join(words).encode())
    for file in sorted(files):
        found.update(f"\0{file}\0".encode())
        found.update(file.read_bytes() if file.is_file() else b"missing")
    return found.hexdigest()


def is_current(stamp: Path, expected: str) -> bool:
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == expected


def set_current(stamp: Path, made_from: str) -> None:
    """Write the stamp atomically. Call it after the step has succeeded."""
    new = stamp.with_name(f"{stamp.name}.new")
    new.write_text(made_from, encoding="utf-8")
    new.replace(stamp)
