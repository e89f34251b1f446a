"""The state folder: what survives a restart, which process uses it, and the secrets that were made for it."""

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
_SIGN = "colloquy-state"


@dataclass(frozen=True)
class State:
    """A folder that `make up` made. A small marker file in it allows `make reset` to delete it."""

    folder: Path

    @property
    def run(self) -> Path:
        return self.folder / "run"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def prepare(self) -> None:
        """Raises CannotStartError for a full or forbidden disk, or a folder that holds something else."""
        if self.folder.exists() and not self.is_ours() and any(self.folder.iterdir()):
            raise CannotStartError(f"{self.folder} holds other things; choose another folder with STATE=…")
        for folder in (self.folder, self.run, self.logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.folder / _SIGN).touch()
        free = shutil.disk_usage(self.folder).free
        if free < _NEEDED_BYTES:
            raise CannotStartError(f"the disk of {self.folder} is full: {free >> 20} MB free, 500 MB needed")

    def is_ours(self) -> bool:
        return (self.folder / _SIGN).is_file()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder's lock: only one system runs on it. The lock ends with the process."""
        with (self.folder / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CannotStartError("it runs already on this state folder; `make down` ends it") from None
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
        """None when there is no note, or when a crash left half of one."""
        try:
            return json.loads((self.run / f"{name}.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]
        except (FileNotFoundError, json.JSONDecodeError):
            return None

    def secret(self, name: str) -> str:
        """Created at first use, kept as long as the folder, readable by its owner only."""
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
    """End processes that a killed `make up` left. Returns their number. Only marked processes are touched."""
    return processes.end(lambda: processes.marked(state.folder), grace_seconds=_GRACE_SECONDS)
