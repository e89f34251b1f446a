"""On the wire: broken requests get a clear 4xx, nothing that they held is logged, and the end is orderly."""

import asyncio
import logging
import subprocess
import sys

import pytest

from shared.http import Limits, serving
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
async def test_what_is_no_http_is_answered_with_400_and_its_bytes_are_not_logged(
    raw: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(notes_app(Context()), "127.0.0.1", 0) as port:
        answer = await exchange(port, raw)
    assert answer.split(b" ", 2)[1] == b"400"
    assert CANARY.decode() not in caplog.text
    assert "Traceback" not in caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_a_header_that_is_not_utf_8_is_the_callers_mistake() -> None:
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
    """Keeps a request waiting until it is told to go on."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.go_on = asyncio.Event()

    async def verify(self, token: str) -> Principal:
        self.asked.set()
        await self.go_on.wait()
        return Principal(token, "user")


POST = (
    b"POST /api/notes/notes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer me\r\n"
    b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
)


async def test_requests_under_way_are_finished_before_the_end() -> None:
    verifier = SlowVerifier()
    async with serving(notes_app(Context(), verifier), "127.0.0.1", 0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(POST)
        await verifier.asked.wait()
        asyncio.get_running_loop().call_later(0.05, verifier.go_on.set)
    answer = await reader.read(65536)
    writer.close()
    assert answer.split(b" ", 2)[1] == b"201"


async def test_but_not_for_ever() -> None:
    verifier = SlowVerifier()
    async with serving(notes_app(Context(), verifier, limits=Limits(shutdown_s=0.05)), "127.0.0.1", 0) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(POST)
        await verifier.asked.wait()
    writer.close()


async def test_a_client_that_goes_does_not_stop_what_it_began() -> None:
    """A create is completed, so that its repetition finds it."""
    verifier, context = SlowVerifier(), Context()
    async with serving(notes_app(context, verifier), "127.0.0.1", 0) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(POST)
        await verifier.asked.wait()
        writer.close()
        await writer.wait_closed()
        verifier.go_on.set()
        await soon(lambda: context.seen)


def test_importing_the_base_loads_nothing_heavy() -> None:
    """Cold starts pay for imports: keys and AWS clients are loaded by those who use them."""
    heavy = "{'jwt', 'cryptography', 'botocore', 'aiobotocore', 'tenacity', 'opensearchpy', 'aws_lambda_powertools'}"
    script = f"import sys, shared.http; print(sorted({heavy} & sys.modules.keys()))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert run.stdout.strip() == "[]"
