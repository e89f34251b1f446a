"""Writes supervisord's configuration. This happens at each start, from the list of programs."""

import getpass
import hashlib
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_LONGEST_SOCKET_PATH = 90  # of 108 in Linux and 104 in macOS; supervisord appends its pid while it binds
_STOP_SECONDS = 12  # chat needs 8 of them to finish its streams

_DAEMON = """[supervisord]
nodaemon=true
silent=true
logfile={logs}/supervisor.log
logfile_maxbytes=1MB
logfile_backups=1
pidfile={run}/supervisord.pid
childlogdir={logs}
umask=077
strip_ansi=true
{user}
[unix_http_server]
file={socket}
chmod=0600

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[include]
files=*.ini
"""

# A program that ends within a second is restarted after 1, 2, 3 … seconds, for ever; one that ends later, at once.
_PROGRAM = """[program:{name}]
command={python} -m infra.local.supervisor.parent_death {start_file}
autorestart=true
startsecs=1
startretries=1000000
stopwaitsecs={stop_seconds}
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={logs}/{name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3

"""

_GROUP = """[group:{name}]
programs={programs}
priority={priority}
"""


@dataclass(frozen=True)
class Program:
    name: str
    argv: tuple[str, ...]
    environment: dict[str, str]
    directory: str

    def start_file(self, folder: Path) -> Path:
        return folder / f"{self.name}.json"

    def write(self, folder: Path) -> Path:
        """Write the start file. Only its owner may read it, because the environment may hold secrets."""
        file = self.start_file(folder)
        file.unlink(missing_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
            json.dump(asdict(self), opened)
        return file


def daemon(run: Path, logs: Path, socket: Path) -> str:
    user = f"user={getpass.getuser()}\n" if os.getuid() == 0 else ""
    return _DAEMON.format(run=run, logs=logs, socket=socket, user=user)


def group(name: str, priority: int, programs: Sequence[Program], run: Path, logs: Path) -> str:
    """The group's configuration; also writes its start files. Groups of lower `priority` start first and stop last."""
    sections = [
        _PROGRAM.format(
            name=program.name,
            python=shlex.quote(sys.executable),
            start_file=shlex.quote(str(program.write(run))),
            logs=logs,
            stop_seconds=_STOP_SECONDS,
        )
        for program in programs
    ]
    names = ",".join(program.name for program in programs)
    return "".join(sections) + _GROUP.format(name=name, programs=names, priority=priority)


def control_socket(run: Path) -> Path:
    """Path of the socket: in the state folder, or in the temp folder if that path is too long for a socket."""
    socket = run / "supervisor.sock"
    if len(str(socket)) <= _LONGEST_SOCKET_PATH:
        return socket
    digest = hashlib.sha256(str(run).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"colloquy-{os.getuid()}-{digest}.sock"
