"""Getting the JWKS document over HTTP, patiently but not for ever."""

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
_FAULTS: Final = (aiohttp.ClientError, TimeoutError, OSError, ValueError)


def fetch_from(url: str, *, clock: Clock | None = None) -> Fetch:
    """A fetch of this address. An attempt has 3 s; there are three, with jittered waits of at most 1 s between."""
    patience = AsyncRetrying(
        stop=stop_after_attempt(_ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.2, max=1),
        retry=retry_if_exception_type(_FAULTS),
        sleep=(clock or SystemClock()).sleep,
        reraise=True,
    )

    async def fetch() -> Mapping[str, Any]:
        try:
            return await patience.copy()(_get, url)
        except _FAULTS as error:
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
        raise ValueError("the key document is no object")  # noqa: TRY004 - a fault of the content, retried as such
    return document
