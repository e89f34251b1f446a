"""Smoke test of a deployment: every service must answer through the edge, and must refuse requests that bypass it."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from infra.deploy.stack_names import SERVICES

_ANSWER_S: Final = 20
_OK: Final = 200
_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403


@dataclass(frozen=True)
class HttpAnswer:
    """`status` is 0 if there was no response; `text` then says why."""

    status: int
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def find_problems(address: str, apis: Mapping[str, str], user_pool: str, deadline_s: float) -> list[str]:
    """Poll until the deployment is healthy or `deadline_s` have passed. Returns one sentence for each problem.

    `apis`: service → the address of its API, which only the edge may call.
    """
    waiting = Retrying(
        retry=retry_if_result(bool),
        stop=stop_after_delay(deadline_s),
        wait=wait_fixed(min(5.0, deadline_s / 10)),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else [],
    )
    return waiting(lambda: list(_problems(address, apis, user_pool)))


def _problems(address: str, apis: Mapping[str, str], user_pool: str) -> Iterator[str]:
    page = fetch(f"{address}/")
    if page.status != _OK or "Content-Security-Policy" not in page.headers:
        yield f"{address}/ answers {page.status} {page.text[:100]!r}, or without a Content-Security-Policy"
    public = fetch(f"{address}/config.json")
    if public.status != _OK or _pool(public.text) != user_pool:
        yield f"{address}/config.json answers {public.status}, or names another user pool"
    for service in SERVICES:
        health = fetch(f"{address}/api/{service}/health")
        if health.status != _OK:
            yield f"{service} answers {health.status} through the edge"
    if (anonymous := fetch(f"{address}/api/chat/conversations")).status != _UNAUTHORIZED:
        yield f"a request for conversations without a token gets {anonymous.status}, not {_UNAUTHORIZED}"
    for service, api in apis.items():
        direct = fetch(f"{api}/api/{service}/health")
        if direct.status != _FORBIDDEN:
            yield f"{service} accepts a request that bypasses the edge: {direct.status}"


def fetch(url: str) -> HttpAnswer:
    try:
        with urllib.request.urlopen(url, timeout=_ANSWER_S) as answer:  # noqa: S310 - addresses of outputs
            return HttpAnswer(answer.status, answer.read().decode(errors="replace"), dict(answer.headers))
    except urllib.error.HTTPError as refused:
        with refused:
            return HttpAnswer(refused.code, refused.read().decode(errors="replace"), dict(refused.headers))
    except (OSError, http.client.HTTPException) as unreachable:
        return HttpAnswer(0, str(unreachable))


def _pool(text: str) -> str | None:
    try:
        return str(json.loads(text)["user_pool_id"])
    except (ValueError, KeyError, TypeError):
        return None
