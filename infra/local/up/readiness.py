"""Waits until a process answers, and reports the end of its log when it does not."""

import json
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any

from infra.local.up.errors import CannotStartError

_POLL_SECONDS = 0.05
_ANSWER_SECONDS = 5
_OK = 200
# Loopback only: a proxy of the developer's terminal has no say here.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def wait_until_ready(name: str, url: str, log: Path, deadline: float) -> None:
    """`deadline` in seconds of the monotonic clock. Raises CannotStartError with the last line of the log."""
    while (problem := _problem(url)) is not None:
        if time.monotonic() > deadline:
            raise CannotStartError(f"{name} did not become ready ({problem}); its log, {log}, ends: {_last_line(log)}")
        time.sleep(_POLL_SECONDS)


def fetch_json(url: str) -> dict[str, Any]:
    """Raises OSError when nobody answers, ValueError when the answer is not JSON."""
    with _OPENER.open(url, timeout=_ANSWER_SECONDS) as answer:
        content: dict[str, Any] = json.load(answer)
        return content


def _problem(url: str) -> str | None:
    try:
        with _OPENER.open(url, timeout=_ANSWER_SECONDS) as answer:
            return None if answer.status == _OK else f"status {answer.status}"
    except urllib.error.HTTPError as error:
        return f"status {error.code}"
    except (OSError, HTTPException) as error:
        return str(error)


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        return "(nothing)"
    return lines[-1][:300] if lines else "(nothing)"
