"""Serves an application on a port, and stops without breaking off requests."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from shared.http.app.keys import LIMITS

_protocol_log: Final = logging.getLogger("http.protocol")


@asynccontextmanager
async def serving(
    app: web.Application, host: str, port: int, drain: Callable[[], Awaitable[None]] | None = None
) -> AsyncIterator[int]:
    """Serve while the block runs; yields the port (`port=0` picks a free one).

    At the end no new connection is accepted and `drain` is awaited. Then streams end (their clients reconnect), and
    open requests have `RequestLimits.shutdown_s` seconds. A client that leaves does not cancel its request: what was
    begun is completed.
    """
    limits = app[LIMITS]
    runner = web.AppRunner(
        app,
        access_log=None,
        logger=_protocol_log,
        handler_cancellation=False,
        max_line_size=limits.request_line_bytes,
        max_field_size=limits.header_bytes,
        shutdown_timeout=limits.shutdown_s,
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port, reuse_address=True)
        await site.start()
        yield runner.addresses[0][1]
        await site.stop()
        if drain:
            await drain()
    finally:
        await runner.cleanup()


def _without_request_bytes(record: logging.LogRecord) -> bool:
    """A log filter. aiohttp logs bytes that it could not parse, and a malformed header may hold a token."""
    if record.exc_info and record.exc_info[0]:
        record.msg, record.args = f"{record.getMessage()}: {record.exc_info[0].__name__}", ()
    record.exc_info = record.exc_text = None
    record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True


_protocol_log.addFilter(_without_request_bytes)
