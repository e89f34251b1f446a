"""A client of a service's own routes, which run on a free port of loopback over fakes."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from aiohttp import ClientSession, DummyCookieJar
from pydantic import SecretStr

from shared.clock import Clock
from shared.http import Route, build_app, serving
from tests.fakes.http_service import FakeVerifier


@asynccontextmanager
async def service_client(
    service: str,
    routes: Sequence[Route],
    context: object,
    clock: Clock,
    groups: Mapping[str, frozenset[str]] | None = None,
) -> AsyncIterator[ClientSession]:
    """The client sends no token of its own: pass `headers=bearer("ann")`. `groups`: subject → groups."""
    app = build_app(
        service,
        routes,
        context,
        FakeVerifier(groups),
        {},
        cursor_secret=SecretStr("signs cursors in tests, and nowhere else"),
        clock=clock,
    )
    async with (
        serving(app, "127.0.0.1", 0) as port,
        ClientSession(f"http://127.0.0.1:{port}", cookie_jar=DummyCookieJar()) as client,
    ):
        yield client
