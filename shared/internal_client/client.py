"""Client of the routes `/internal/<service>/…` of another service. No gateway forwards to them."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, TypeVar

import aiohttp
from pydantic import BaseModel, ValidationError
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from shared.clock import Clock
from shared.identity import Principal
from shared.identity.internal_tokens import InternalTokens

M = TypeVar("M", bound=BaseModel)

TIMEOUT_S: Final = 2.0
"""For one attempt, address and body included."""
ATTEMPTS: Final = 2
MOST_BYTES: Final = 1024 * 1024


class ServiceUnavailableError(Exception):
    """The other service did not answer, or its response could not be read. The text holds no payload."""


class NotDeployedError(ServiceUnavailableError):
    """The other service has no address yet: its stack may be deployed later."""


class _WorthRetryingError(ServiceUnavailableError):
    """The next attempt may succeed."""


class InternalClient:
    def __init__(
        self,
        service: str,
        session: aiohttp.ClientSession,
        find_address: Callable[[], Awaitable[str]],
        tokens: InternalTokens,
        clock: Clock,
    ) -> None:
        """`find_address`: the base address of `service`; empty while there is none; ConnectionError when unknown."""
        self._service = service
        self._session = session
        self._find_address = find_address
        self._tokens = tokens
        self._retrying = AsyncRetrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random_exponential(multiplier=0.05, max=0.5),
            retry=retry_if_exception_type(_WorthRetryingError),
            sleep=clock.sleep,
            reraise=True,
        )

    async def get(self, path: str, model: type[M], principal: Principal) -> M:
        """`GET /internal/<service>/<path>` on behalf of `principal`, parsed as `model`.

        Two attempts of 2 s, at most 1 MB; the second one after a fault of the transport, a timeout, 429 or 5xx. Raises
        NotDeployedError and ServiceUnavailableError.
        """
        body: bytes = await self._retrying.copy()(self._get_once, path, principal)
        try:
            return model.model_validate_json(body)
        except ValidationError:
            raise ServiceUnavailableError(f"{self._service}: unreadable answer") from None

    async def _get_once(self, path: str, principal: Principal) -> bytes:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                address = await self._find_address()
                if not address:
                    raise NotDeployedError(self._service)
                return await self._read(f"{address}/internal/{self._service}/{path}", principal)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _WorthRetryingError(f"{self._service}: {type(error).__name__}") from None

    async def _read(self, url: str, principal: Principal) -> bytes:
        headers = {"Authorization": f"Bearer {self._tokens.sign(self._service, principal)}"}
        async with self._session.get(url, headers=headers, allow_redirects=False) as response:
            if response.status == HTTPStatus.TOO_MANY_REQUESTS or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise _WorthRetryingError(f"{self._service}: status {response.status}")
            if response.status != HTTPStatus.OK:
                raise ServiceUnavailableError(f"{self._service}: status {response.status}")
            body = bytearray()
            async for part in response.content.iter_any():
                body += part
                if len(body) > MOST_BYTES:
                    raise ServiceUnavailableError(f"{self._service}: more than {MOST_BYTES} bytes")
        return bytes(body)
