"""A service's own routes on a free port of loopback, with fakes below them, and people to call it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from aiohttp import ClientSession, DummyCookieJar
from pydantic import SecretStr

from shared.clock import Clock
from shared.http import Route, build_app, serving
from tests.fakes.http_service import FakeVerifier


@asynccontextmanager
async def served(
    service: str,
    routes: Sequence[Route],
    context: object,
    clock: Clock,
    groups: Mapping[str, frozenset[str]] | None = None,
) -> AsyncIterator[ClientSession]:
    """A client that speaks for nobody: pass `headers=bearer("ann")`. `groups`: subject → groups."""
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
