"""The state folder: its data, its lock, and its secrets."""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local.supervisor import processes
from infra.local.up.errors import CannotStartError

_NEEDED_BYTES = 500 * 1024 * 1024
_GRACE_SECONDS = 15
_MARKER = "colloquy-state"


@dataclass(frozen=True)
class State:
    """A folder that `make up` created. It has a marker file, and `make reset` deletes only a folder with that file."""

    folder: Path

    @property
    def run(self) -> Path:
        return self.folder / "run"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def prepare(self) -> None:
        """Create the folder. Raises CannotStartError if it holds something else or the disk is full, or OSError."""
        if self.folder.exists() and not self.is_ours() and any(self.folder.iterdir()):
            raise CannotStartError(f"{self.folder} contains other files; choose another folder with STATE=…")
        for folder in (self.folder, self.run, self.logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.folder / _MARKER).touch()
        free = shutil.disk_usage(self.folder).free
        if free < _NEEDED_BYTES:
            raise CannotStartError(f"the disk of {self.folder} is full: {free >> 20} MB free, 500 MB needed")

    def is_ours(self) -> bool:
        return (self.folder / _MARKER).is_file()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder's lock, so that only one system uses it. The lock ends with the process."""
        with (self.folder / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CannotStartError("a system already runs on this state folder; `make down` ends it") from None
            yield

    def is_locked(self) -> bool:
        try:
            with self.lock():
                return False
        except CannotStartError:
            return True

    def write_note(self, name: str, content: object) -> None:
        (self.run / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")

    def read_note(self, name: str) -> object | None:
        """The note's content. None if there is no note, or if a crash left an incomplete one."""
        try:
            return json.loads((self.run / f"{name}.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]
        except (FileNotFoundError, json.JSONDecodeError):
            return None

    def secret(self, name: str) -> str:
        """A secret of this folder. It is created at its first use, and only its owner may read it."""
        file = self.folder / "secrets" / name
        file.parent.mkdir(mode=0o700, exist_ok=True)
        if not file.exists():
            new = file.with_suffix(".new")
            new.unlink(missing_ok=True)
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
                opened.write(secrets.token_urlsafe(48))
            new.rename(file)
        return file.read_text(encoding="utf-8")


def end_leftovers(state: State) -> int:
    """End processes that a killed `make up` left behind, found by their mark. Returns their number."""
    return processes.end(lambda: processes.marked(state.folder), grace_seconds=_GRACE_SECONDS)
