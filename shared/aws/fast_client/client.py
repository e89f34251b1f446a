"""A client that sends some operations over aiohttp itself, with the interface of aiobotocore's client.

aiobotocore spends most of a small call on hooks, models and the user agent; a turn makes about fifteen calls and puts
a frame many times a second (ADR 8 has the measurements). Timeouts and attempts are those of
`shared/aws/call_limits.py`. Binary values are not decoded: no item of ours has any.
"""

import asyncio
import base64
import json
import random
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectionError,  # noqa: A004 - botocore's: nothing listens there
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.httpsession import get_cert_path

from shared.aws.call_limits import CALL_LIMITS, ClientName
from shared.aws.errors import is_repeated_by_botocore
from shared.aws.fast_client.responses import parse_response
from shared.aws.fast_client.signature import Signer
from shared.clock import SystemClock

FAST_CLIENTS: Final[dict[ClientName, frozenset[str]]] = {
    "dynamodb": frozenset(
        {
            "put_item", "get_item", "update_item", "delete_item", "query", "batch_get_item", "batch_write_item",
            "transact_write_items",
        }
    ),
    "sqs": frozenset({"send_message"}),
    "events": frozenset({"put_events"}),
}  # fmt: skip
"""Operations that this client sends itself. All others are aiobotocore's."""

_FIRST_WAIT_S: Final = 0.05
_LONGEST_WAIT_S: Final = 2.0

Operation = Callable[..., Awaitable[dict[str, Any]]]


class FastClient:
    """`client` is aiobotocore's; endpoint, region and all other operations are taken from it."""

    def __init__(self, name: ClientName, client: Any, credentials: Any, session: aiohttp.ClientSession) -> None:
        self._client = client
        self._credentials = credentials
        self._session = session
        self._limits = CALL_LIMITS[name]
        self._clock = SystemClock()
        self._url = client.meta.endpoint_url.rstrip("/") + "/"
        self._signer = Signer(client.meta.service_model.signing_name, client.meta.region_name, _host(self._url))
        for method in FAST_CLIENTS[name]:
            setattr(self, method, self._operation(client.meta.method_to_api_mapping[method]))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def get_paginator(self, name: str) -> Any:
        operation = getattr(self, name)
        return _Pages(operation) if name == "query" else self._client.get_paginator(name)

    def _operation(self, name: str) -> Operation:
        model = self._client.meta.service_model.metadata
        headers = {
            "content-type": f"application/x-amz-json-{model['jsonVersion']}",
            "x-amz-target": f"{model['targetPrefix']}.{name}",
            "accept-encoding": "identity",
        }

        async def call(**request: Any) -> dict[str, Any]:
            body = json.dumps(request, ensure_ascii=False, separators=(",", ":"), default=_wire_value).encode()
            return await self._send_with_retries(name, headers, body)

        return call

    async def _send_with_retries(self, name: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        """Retries as botocore's standard mode does, when throttled, broken off or unreachable, with jittered waits."""
        for attempt in range(1, self._limits.attempts):
            try:
                return await self._send(name, headers, body)
            except (HTTPClientError, ConnectionError):
                pass
            except ClientError as error:
                if not is_repeated_by_botocore(error):
                    raise
            await asyncio.sleep(random.random() * min(_FIRST_WAIT_S * 2**attempt, _LONGEST_WAIT_S))  # noqa: S311
        return await self._send(name, headers, body)

    async def _send(self, name: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        if self._credentials is None:
            raise NoCredentialsError
        credentials = await self._credentials.get_frozen_credentials()
        signed = self._signer.sign(headers, body, credentials, self._clock.now())
        try:
            async with self._session.post(self._url, data=body, headers=signed, allow_redirects=False) as response:
                return parse_response(name, self._url, response.status, response.headers, await response.read())
        except aiohttp.ConnectionTimeoutError as error:
            raise ConnectTimeoutError(endpoint_url=self._url, error=error) from error
        except TimeoutError as error:
            raise ReadTimeoutError(endpoint_url=self._url, error=error) from error
        except aiohttp.ClientConnectorError as error:
            raise EndpointConnectionError(endpoint_url=self._url, error=error) from error
        except (aiohttp.ClientError, OSError) as error:
            raise ConnectionClosedError(endpoint_url=self._url, error=error) from error


class _Pages:
    """A paginator of queries, with the interface of botocore's."""

    def __init__(self, query: Operation) -> None:
        self._query = query

    async def paginate(self, **request: Any) -> AsyncIterator[dict[str, Any]]:
        while True:
            page = await self._query(**request)
            yield page
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


@asynccontextmanager
async def open_fast_client(name: ClientName, client: Any, credentials: Any, *, pool: int) -> AsyncIterator[FastClient]:
    """A fast client for `name`, closed with the block. `client` and `credentials` are aiobotocore's."""
    limits = CALL_LIMITS[name]
    secure = client.meta.endpoint_url.startswith("https:")
    connector = aiohttp.TCPConnector(
        limit=pool, ssl=ssl.create_default_context(cafile=get_cert_path(verify=True)) if secure else True
    )
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=limits.connect_s, sock_read=limits.read_s)
    async with aiohttp.ClientSession(
        connector=connector,
        timeout=timeout,
        trust_env=secure,
        skip_auto_headers=("Accept", "User-Agent"),
        headers={"User-Agent": client.meta.config.user_agent},
        cookie_jar=aiohttp.DummyCookieJar(),
    ) as session:
        yield FastClient(name, client, credentials, session)


def _host(url: str) -> str:
    """The host as it is signed: without the default port."""
    parts = urlsplit(url)
    default_port = {"https": 443, "http": 80}[parts.scheme]
    host = parts.hostname or ""
    return host if parts.port in {None, default_port} else f"{host}:{parts.port}"


def _wire_value(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"no JSON for {type(value).__name__}")
