"""The server: invalid HTTP gets a 4xx and is not logged, and shutdown finishes running requests."""

import asyncio
import logging
import subprocess
import sys

import pytest

from shared.http import RequestLimits, serving
from shared.identity import Principal
from tests.fakes.http_service import Context, notes_app
from tests.unit.shared.http.answers import soon

CANARY = b"my-secret-canary"


async def exchange(port: int, raw: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    try:
        return await asyncio.wait_for(reader.read(65536), 5)
    finally:
        writer.close()


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /api/notes/health?x=\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /api/notes/\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /api/notes/health HTTP/1.1\r\nHost: x\r\nBad\x00Header: x\r\n\r\n",
        b"GET /api/notes/health HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + CANARY + b"\x00\r\n\r\n",
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 40_000 + b"\r\n\r\n",
        b"GET http://[/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"nonsense " + CANARY + b"\r\n\r\n",
        b"POST /api/notes/notes HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /api/notes/notes HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    ],
    ids=lambda raw: repr(raw[:40]),
)
async def test_invalid_http_is_answered_with_400_and_not_logged(raw: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(notes_app(Context()), "127.0.0.1", 0) as port:
        answer = await exchange(port, raw)
    assert answer.split(b" ", 2)[1] == b"400"
    assert CANARY.decode() not in caplog.text
    assert "Traceback" not in caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_a_header_that_is_not_utf_8_causes_no_server_error() -> None:
    head = b"GET /api/notes/notes HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    async with serving(notes_app(Context()), "127.0.0.1", 0) as port:
        for header in (b"Authorization: Bearer \xff\xfe", b"Authorization: Bearer token-of-\xed\xa0\x80"):
            assert (await exchange(port, head + header + b"\r\n\r\n")).split(b" ", 2)[1] == b"401"
        for header in (b"X-Request-Id: \xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8", b"traceparent: \xff", b"Accept: \xff"):
            signed_in = b"Authorization: Bearer token-of-me\r\n"
            assert (await exchange(port, head + signed_in + header + b"\r\n\r\n")).split(b" ", 2)[1] == b"200"
        post = (
            head.replace(b"GET", b"POST") + b"Authorization: Bearer token-of-me\r\nContent-Type: application/json\r\n"
        )
        answer = await exchange(port, post + b"Content-Length: 2\r\nIdempotency-Key: \xff\xfe\r\n\r\n{}")
        assert answer.split(b" ", 2)[1] == b"422"


class SlowVerifier:
    """Blocks a request until `proceed` is set."""

    def __init__(self) -> None:
        self.called = asyncio.Event()
        self.proceed = asyncio.Event()

    async def verify(self, token: str) -> Principal:
        self.called.set()
        await self.proceed.wait()
        return Principal(token, "user")


POST = (
    b"POST /api/notes/notes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer me\r\n"
    b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
)


async def test_running_requests_are_finished_before_shutdown() -> None:
    verifier = SlowVerifier()
    async with serving(notes_app(Context(), verifier), "127.0.0.1", 0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(POST)
        await verifier.called.wait()
        asyncio.get_running_loop().call_later(0.05, verifier.proceed.set)
    answer = await reader.read(65536)
    writer.close()
    assert answer.split(b" ", 2)[1] == b"201"


async def test_shutdown_waits_for_requests_only_until_its_timeout() -> None:
    verifier = SlowVerifier()
    async with serving(notes_app(Context(), verifier, limits=RequestLimits(shutdown_s=0.05)), "127.0.0.1", 0) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(POST)
        await verifier.called.wait()
    writer.close()


async def test_a_request_is_completed_after_its_client_disconnected() -> None:
    """A create request is completed, so that its repetition finds the result."""
    verifier, context = SlowVerifier(), Context()
    async with serving(notes_app(context, verifier), "127.0.0.1", 0) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(POST)
        await verifier.called.wait()
        writer.close()
        await writer.wait_closed()
        verifier.proceed.set()
        await soon(lambda: context.seen)


def test_importing_shared_http_loads_no_heavy_libraries() -> None:
    """Imports slow down cold starts, so modules that need cryptography or AWS clients import them themselves."""
    heavy = "{'jwt', 'cryptography', 'botocore', 'aiobotocore', 'tenacity', 'opensearchpy', 'aws_lambda_powertools'}"
    script = f"import sys, shared.http; print(sorted({heavy} & sys.modules.keys()))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert run.stdout.strip() == "[]"
