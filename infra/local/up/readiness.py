"""Waits until a process answers over HTTP. If it does not, the error contains the last line of its log."""

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
# For loopback only, so the proxy settings of the developer's terminal are not used.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def wait_until_ready(name: str, url: str, log: Path, deadline: float) -> None:
    """`deadline`: in seconds of the monotonic clock. Raises CannotStartError with the last line of the log."""
    while (problem := _problem(url)) is not None:
        if time.monotonic() > deadline:
            raise CannotStartError(f"{name} did not become ready ({problem}); its log, {log}, ends: {_last_line(log)}")
        time.sleep(_POLL_SECONDS)


def fetch_json(url: str) -> dict[str, Any]:
    """Raises OSError if there is no response, ValueError if the response is not JSON."""
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
