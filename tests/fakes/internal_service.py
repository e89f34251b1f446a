"""Another service on a free port of loopback: it returns the answers of a test and records the requests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, DummyCookieJar, web


class FakeInternalService:
    """Returns `answers` one after the other, and then repeats the last one.

    An answer is an HTTP status, a response, or a value to be sent as JSON.
    """

    def __init__(self, *answers: Any) -> None:
        self.answers: list[Any] = list(answers)
        self.requests: list[web.Request] = []
        self.address = ""
        self.hangs = False
        self.was_asked = asyncio.Event()

    async def find_address(self) -> str:
        return self.address

    @property
    def asked(self) -> int:
        """The number of requests."""
        return len(self.requests)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        self.was_asked.set()
        if self.hangs:
            await asyncio.Event().wait()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, web.StreamResponse):
            return answer
        return web.Response(status=answer) if isinstance(answer, int) else web.json_response(answer)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[ClientSession]:
        """Serve at `address`; yields a client session."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.handle)
        runner = web.AppRunner(app, handler_cancellation=True)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
            async with ClientSession(cookie_jar=DummyCookieJar()) as session:
                yield session
        finally:
            await runner.cleanup()


def at(address: str) -> Callable[[], Awaitable[str]]:
    """A function that returns this address."""

    async def find() -> str:
        return address

    return find
