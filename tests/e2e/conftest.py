"""The whole system as `make up` starts it, and a browser that uses it."""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from infra.local.suites.table import find_chromium
from tests.polling import eventually
from tests.ports import free_port
from tests.stack import ROOT

START_S = 120
END_S = 40
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
NO_BROWSER = "no Chromium on PATH and no CHROMIUM_PATH"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@dataclass(frozen=True)
class LocalSystem:
    url: str
    state: Path


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    folder = tmp_path_factory.mktemp("system")
    with running_local_system(folder / "state", free_port(), folder / "up.log") as found:
        yield found


class running_local_system:  # noqa: N801 - used as a context manager
    """Runs `make up` without the set-up until the block ends."""

    def __init__(self, state: Path, port: int, log: Path, **more: str) -> None:
        self._system = LocalSystem(f"http://127.0.0.1:{port}", state)
        self._log = log
        settings = {"PORT": str(port), "STATE": str(state), "DEFAULT_MODEL": "scripted.lorem"}
        settings |= {"RUNNING_TURNS_LIMIT": "100", "OPEN_STREAMS_LIMIT": "100"}  # many tests share one demo user
        settings |= more
        with log.open("wb") as out:
            self._up = subprocess.Popen(
                [sys.executable, "-m", "infra.local.up"], cwd=ROOT, env=os.environ | settings, stdout=out, stderr=out
            )

    def __enter__(self) -> LocalSystem:
        assert eventually(self._is_ready, START_S), self._log.read_text()
        return self._system

    def __exit__(self, *_: object) -> None:
        self._up.send_signal(signal.SIGTERM)
        self._up.wait(END_S)

    def _is_ready(self) -> bool:
        assert self._up.poll() is None, self._log.read_text()
        try:
            urllib.request.urlopen(f"{self._system.url}/config.json", timeout=5).close()  # noqa: S310
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
        return "is ready" in self._log.read_text()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if (program := find_chromium()) is None:
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, system: LocalSystem) -> Iterator[BrowserContext]:
    with new_browser_context(browser, system.url) as context:
        yield context


@contextmanager
def new_browser_context(browser: Browser, url: str) -> Iterator[BrowserContext]:
    """A browser context of one person: desktop, light, English."""
    with browser.new_context(base_url=url, viewport=DESKTOP, locale="en-GB", color_scheme="light") as context:
        context.set_default_timeout(15_000)
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab that must have no errors or warnings in its console."""
    page = context.new_page()
    console_errors: list[str] = []

    def record(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            console_errors.append(message.text)

    page.on("console", record)
    page.on("pageerror", lambda error: console_errors.append(str(error)))
    page.console_errors = console_errors  # type: ignore[attr-defined]
    yield page
    # The browser logs 4xx responses and broken connections, which some tests cause on purpose.
    assert [each for each in console_errors if not each.startswith("Failed to load resource")] == []
