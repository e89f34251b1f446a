"""The process of a service: it runs its roles, stops in order, and exits if one role fails."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aiohttp
import pytest
import structlog

from shared.host.process import Roles, run
from shared.http import serving
from shared.settings import ServiceSettings
from tests.conftest import free_port
from tests.fakes.chat_service import settings
from tests.fakes.http_service import Context, notes_app


class System:
    """A service that records its calls. `ready` is called once when its worker runs."""

    def __init__(self, ready: Callable[[], object] = lambda: os.kill(os.getpid(), signal.SIGTERM)) -> None:
        self.seen: list[str] = []
        self._ready = ready

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Roles]:
        self.seen.append("clients open")
        try:
            yield Roles(notes_app(Context()), {"turns": self.turns, "relay": self.relay}, self.drain)
        finally:
            self.seen.append("clients closed")

    async def turns(self, stop: asyncio.Event) -> None:
        self.seen.append("turns begin")
        self._ready()
        await stop.wait()
        self.seen.append("turns end")

    async def relay(self, stop: asyncio.Event) -> None:
        self.seen.append("relay begins")
        await stop.wait()
        self.seen.append("relay ends")

    async def drain(self) -> None:
        self.seen.append("drained")


@pytest.fixture(autouse=True)
def own_logging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A logger keeps its first output stream, so each test gets a new logger."""
    monkeypatch.setattr("shared.host.process._log", structlog.get_logger())
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:], logging.root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Host a service in this process, as `python -m services.notes <arguments>` would."""

    def started(
        open_roles: Callable[[], AbstractAsyncContextManager[Roles]], *arguments: str, **changed: object
    ) -> None:
        monkeypatch.setattr(sys, "argv", ["notes", *arguments])
        given: ServiceSettings = settings(**changed)
        run("notes", lambda: given, lambda _: open_roles())

    return started


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_on_a_signal_the_process_drains_and_closes_in_order(start: Callable[..., None], number: signal.Signals) -> None:
    system = System(lambda: os.kill(os.getpid(), number))
    start(system.open)
    assert system.seen[0] == "clients open"
    assert system.seen[-1] == "clients closed"
    assert set(system.seen) == {
        "clients open", "turns begin", "relay begins", "drained", "turns end", "relay ends", "clients closed",
    }  # fmt: skip


def test_without_the_option_all_roles_run(start: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    start(System().open)
    assert '"roles": ["http", "relay", "turns"]' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("roles", "seen"),
    [
        ("turns", ["clients open", "turns begin", "drained", "turns end", "clients closed"]),
        ("turns,", ["clients open", "turns begin", "drained", "turns end", "clients closed"]),
    ],
)
def test_only_the_named_roles_run(start: Callable[..., None], roles: str, seen: list[str]) -> None:
    system = System()
    start(system.open, "--roles", roles)
    assert sorted(system.seen) == sorted(seen)
    assert system.seen[-1] == "clients closed"


def test_an_unknown_role_is_refused_and_nothing_runs(start: Callable[..., None]) -> None:
    system = System()
    with pytest.raises(SystemExit, match="no role relais"):
        start(system.open, "--roles", "http,relais")
    assert system.seen == ["clients open", "clients closed"]


def test_a_worker_that_raises_ends_the_process(start: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    """A process without one of its roles would look healthy; a supervisor restarts a process that has ended."""

    def fail() -> None:
        raise KeyError("canary")

    system = System(fail)
    with pytest.raises(ExceptionGroup) as raised:
        start(system.open)
    assert raised.group_contains(KeyError)
    assert system.seen[-1] == "clients closed"
    output = capsys.readouterr().out
    assert '"worker.crashed"' in output
    assert "canary" not in output


def test_the_role_http_serves_requests_until_a_signal(start: Callable[..., None]) -> None:
    answers: list[int] = []
    port = free_port()

    class RequestingSystem(System):
        async def turns(self, stop: asyncio.Event) -> None:
            async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
                while not answers:
                    try:
                        async with client.get("/api/notes/health") as answer:
                            answers.append(answer.status)
                    except aiohttp.ClientConnectionError:
                        await asyncio.sleep(0)
            os.kill(os.getpid(), signal.SIGTERM)
            await stop.wait()

    start(RequestingSystem().open, port=port)
    assert answers == [200]


async def test_while_draining_new_connections_are_refused() -> None:
    refused: list[bool] = []

    async def drain() -> None:
        try:
            await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            refused.append(True)

    async with serving(notes_app(Context()), "127.0.0.1", 0, drain) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
    assert refused == [True]


def test_settings_are_read_and_clients_opened_after_the_restore(monkeypatch: pytest.MonkeyPatch) -> None:
    system, order = System(), list[str]()

    async def restored(service: str, *_: object) -> None:
        order.append(f"{service} restored")

    def read() -> ServiceSettings:
        order.append("settings read")
        return settings()

    monkeypatch.setattr("shared.host.process.until_restored", restored)
    monkeypatch.setattr(sys, "argv", ["notes"])
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start")
    run("notes", read, lambda _: system.open())
    assert [*order, system.seen[0]] == ["notes restored", "settings read", "clients open"]


@pytest.mark.parametrize("kind", ["", "on-demand"])
def test_without_a_snapshot_a_process_does_not_wait_for_a_restore(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    system = System()
    monkeypatch.setattr(sys, "argv", ["notes"])
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", kind)
    run("notes", settings, lambda _: system.open())
    assert system.seen[-1] == "clients closed"
