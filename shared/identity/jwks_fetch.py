"""Fetches the JWKS document over HTTP, with a few attempts."""

import json
from collections.abc import Mapping
from typing import Any, Final

import aiohttp
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from shared.clock import Clock, SystemClock
from shared.identity.errors import KeysUnavailable
from shared.identity.jwks import Fetch

_ATTEMPTS: Final = 3
_TIMEOUT_S: Final = 3.0  # for one attempt
_DOCUMENT_MAX: Final = 64 * 1024  # bytes
_RETRIED: Final = (aiohttp.ClientError, TimeoutError, OSError, ValueError)


def fetch_from(url: str, *, clock: Clock | None = None) -> Fetch:
    """A fetch from `url`: three attempts of 3 s each, with jittered waits of at most 1 s between them."""
    retrying = AsyncRetrying(
        stop=stop_after_attempt(_ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.2, max=1),
        retry=retry_if_exception_type(_RETRIED),
        sleep=(clock or SystemClock()).sleep,
        reraise=True,
    )

    async def fetch() -> Mapping[str, Any]:
        try:
            return await retrying.copy()(_get, url)
        except _RETRIED as error:
            raise KeysUnavailable from error

    return fetch


async def _get(url: str) -> Mapping[str, Any]:
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S), raise_for_status=True) as session,
        session.get(url, allow_redirects=False) as response,
    ):
        raw = await response.content.read(_DOCUMENT_MAX + 1)
        while not response.content.at_eof() and len(raw) <= _DOCUMENT_MAX:
            raw += await response.content.read(_DOCUMENT_MAX + 1 - len(raw))
    if len(raw) > _DOCUMENT_MAX:
        raise ValueError("the key document is too large")
    document = json.loads(raw)
    if not isinstance(document, dict):
        raise ValueError("the key document is not an object")  # noqa: TRY004 - retried as other faulty content is
    return document
