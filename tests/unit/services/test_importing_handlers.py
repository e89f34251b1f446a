"""Modules of Lambda handlers: their handlers, and an import without connections, settings or secrets."""

import subprocess
import sys

import pytest

HANDLERS = {
    "agents.lambda_handlers": ["calls", "events"],
    "agents.lambda_relay": ["relay", "sweep"],
    "analytics.lambda_handlers": ["events"],
    "bots.lambda_relay": ["relay", "sweep"],
    "chat.lambda_handlers": ["turns", "watchdogs"],
    "chat.lambda_relay": ["relay", "sweep"],
    "ingest.lambda_handlers": ["events"],
}
SCRIPT = """
import sys
refused = {"socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.Popen"}
def refuse(event, arguments):
    if event in refused:
        raise SystemExit(f"{event} at import")
sys.addaudithook(refuse)
import asyncio, importlib
asyncio.new_event_loop = lambda: sys.exit("an event loop at import")
module = importlib.import_module(sys.argv[1])
print(*(name for name in sys.argv[2:] if callable(getattr(module, name))))
"""


@pytest.mark.parametrize("module", HANDLERS)
def test_importing_handlers_needs_no_settings_and_opens_no_connection(module: str) -> None:
    command = [sys.executable, "-c", SCRIPT, f"services.{module}", *HANDLERS[module]]
    run = subprocess.run(command, env={}, capture_output=True, text=True, timeout=30, check=False)
    assert run.stderr == ""
    assert run.stdout.split() == HANDLERS[module]
