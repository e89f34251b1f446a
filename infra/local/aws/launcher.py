"""Runs ministack in this process: with its own folders, on loopback only, with our patches and snapshots."""

import asyncio
import os
import shutil
import signal
import socket
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from infra.local.aws.state.store import StateStore

HOST = "127.0.0.1"
PINNED_VERSION = "1.5.33"


class RefusedToStartError(Exception):
    """The message is one line that says what to change."""


class StateNotKeptError(Exception):
    """The state could not be written: the disk is full or the folder is gone."""


@dataclass(frozen=True)
class LauncherOptions:
    port: int
    state: Path
    snapshot_seconds: float
    log_level: str
    functions: str | None = None
    """URL of the function host. None runs functions in ministack."""

    @property
    def work(self) -> Path:
        """Folder where Lambdas are unpacked. Emptied at every start and end, because ministack leaves files there."""
        return self.state / "work"


def run(options: LauncherOptions) -> None:
    """Serve until SIGTERM or SIGINT, then save and return. Refuses a busy port and another ministack version."""
    try:
        require_pinned_version()
    except RuntimeError as mismatch:
        raise RefusedToStartError(str(mismatch)) from None
    with closing(_listen(options.port)) as listening:
        os.environ.update(environment(options))
        try:
            asyncio.run(_serve(options, listening))
        except sqlite3.Error as failure:
            raise StateNotKeptError(f"cannot keep state in {options.state}: {failure}") from None


def environment(options: LauncherOptions) -> dict[str, str]:
    """The variables that ministack reads when it is imported."""
    return {
        "GATEWAY_PORT": str(options.port),
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "LOG_LEVEL": options.log_level,
        "PERSIST_STATE": "1",
        "STATE_DIR": str(options.state),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(options.state / "s3"),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        # A socket that does not exist: otherwise ministack would remove other people's containers that have its label.
        "DOCKER_HOST": f"unix://{options.work}/no-docker.sock",
        "TMPDIR": str(options.work),
        # Credentials of the Lambdas that ministack runs. It checks no signatures.
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": f"http://{HOST}:{options.port}",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen(512)
    except OSError as refused:
        listening.close()
        raise RefusedToStartError(f"port {port} cannot be used: {refused.strerror}") from None
    return listening


def _open_store(options: LauncherOptions) -> StateStore:
    try:
        store = StateStore(options.state / "state.sqlite3")
        # Only after the store is locked: another process may be using both folders.
        shutil.rmtree(options.work, ignore_errors=True)
        options.work.mkdir()
    except (OSError, sqlite3.Error) as refused:
        raise RefusedToStartError(f"cannot use {options.state}: {refused}") from None
    return store


async def _serve(options: LauncherOptions, listening: socket.socket) -> None:
    # Imported here, because ministack reads its environment variables on import, and needs the store before that.
    from infra.local.aws.state.snapshots import Snapshots, UnreadableStateError

    with closing(_open_store(options)) as store:
        snapshots = Snapshots(store)
        snapshots.replace_persistence()

        from hypercorn.asyncio import serve  # type: ignore[import-not-found]
        from ministack import app as ministack

        from infra.local.aws import patches, tuning

        patches.apply_all(options.state / "outbox.jsonl", options.functions)
        ministack._MAIN_LOOP = asyncio.get_running_loop()
        try:
            snapshots.load()
        except UnreadableStateError as damage:
            raise RefusedToStartError(f"{damage}; `make reset` deletes the state") from None
        tuning.apply_tuning()
        stop = _stop_on_signal()
        saving = asyncio.create_task(snapshots.take_periodically(options.snapshot_seconds, stop))
        saving.add_done_callback(lambda _: stop.set())  # stop when saving fails, rather than accept data and lose it
        try:
            await serve(ministack.app, _server(options, listening), shutdown_trigger=stop.wait)
            await saving
            await snapshots.take()  # the changes of the last requests
        finally:
            tuning.undo_tuning()
        shutil.rmtree(options.work, ignore_errors=True)


def _server(options: LauncherOptions, listening: socket.socket) -> Any:
    from hypercorn.config import Config  # type: ignore[import-not-found]

    server = Config()
    server.bind = [f"fd://{listening.detach()}"]  # `detach`, because hypercorn closes the socket
    server.keep_alive_timeout = 75
    server.graceful_timeout = 1  # do not wait for long polls
    server.loglevel = options.log_level
    server.accesslog = None
    return server


def _stop_on_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def require_pinned_version() -> None:
    """Raise RuntimeError when another ministack is installed."""
    installed = version("ministack")
    if installed != PINNED_VERSION:
        raise RuntimeError(f"patches are for ministack {PINNED_VERSION}, but {installed} is installed")
