"""The Runtime API and the Extensions API of one execution environment.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html and .../runtimes-extensions-api.html
"""

import asyncio
import json
import socket
from typing import Final
from uuid import uuid4

from aiohttp import web

from infra.local.lambdas.invocation import MAX_ANSWER_BYTES, FunctionInvocation, InvocationError

RUNTIME: Final = "/2018-06-01/runtime"
EXTENSION: Final = "/2020-01-01/extension"
_STREAMING: Final = "Lambda-Runtime-Function-Response-Mode"
_ERROR: Final = "Lambda-Runtime-Function-Error-Type"
_ACCEPTED: Final = 202


class RuntimeApi:
    """Handles one invocation at a time. `idle` is set while the runtime waits for the next one."""

    def __init__(self, function_arn: str) -> None:
        self._arn = function_arn
        self._next: asyncio.Queue[FunctionInvocation] = asyncio.Queue()
        self._current: FunctionInvocation | None = None
        self._extensions: set[str] = set()
        self.idle = asyncio.Event()
        self.init_error: str | None = None

    @property
    def has_extensions(self) -> bool:
        return bool(self._extensions)

    def deliver(self, invocation: FunctionInvocation) -> None:
        self.idle.clear()
        self._current = invocation
        self._next.put_nowait(invocation)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.add_routes(
            [
                web.get(f"{RUNTIME}/invocation/next", self._take),
                web.post(f"{RUNTIME}/invocation/{{id}}/response", self._respond),
                web.post(f"{RUNTIME}/invocation/{{id}}/error", self._fail),
                web.post(f"{RUNTIME}/init/error", self._fail_to_start),
                web.post(f"{EXTENSION}/register", self._register),
                web.get(f"{EXTENSION}/event/next", self._extension_waits),
            ]
        )
        return app

    async def _take(self, _: web.Request) -> web.Response:
        self.idle.set()
        invocation = await self._next.get()
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.id,
            "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": self._arn,
            "Lambda-Runtime-Trace-Id": f"Root=1-{uuid4().hex[:8]}-{uuid4().hex[:24]};Sampled=0",
        }
        return web.Response(body=invocation.event, content_type="application/json", headers=headers)

    async def _respond(self, http: web.Request) -> web.Response:
        invocation = self._named(http)
        if invocation is None:
            return web.json_response({"errorType": "InvalidRequestID"}, status=400)
        is_streamed = http.headers.get(_STREAMING, "").lower() == "streaming"
        if not is_streamed:
            return self._whole(invocation, http, await http.read())
        invocation.begin(http.headers, is_streamed=True)
        wire = http.transport.get_extra_info("socket") if http.transport else None
        try:
            async for piece in http.content.iter_any():
                _acknowledge_at_once(wire)
                invocation.write(piece)
        except ConnectionError:
            invocation.end(InvocationError("Runtime.TruncatedResponse", "the stream broke off"))
            raise
        invocation.end()
        return web.json_response({"status": "OK"}, status=_ACCEPTED)

    def _whole(self, invocation: FunctionInvocation, http: web.Request, body: bytes) -> web.Response:
        invocation.begin(http.headers, is_streamed=False)
        if len(body) > MAX_ANSWER_BYTES:
            detail = f"Response payload size ({len(body)} bytes) exceeded maximum allowed payload size"
            invocation.end(InvocationError("Function.ResponseSizeTooLarge", detail))
            return web.json_response({"errorType": "RequestEntityTooLarge"}, status=413)
        invocation.write(body)
        invocation.end()
        return web.json_response({"status": "OK"}, status=_ACCEPTED)

    async def _fail(self, http: web.Request) -> web.Response:
        body = await http.read()
        if invocation := self._named(http):
            invocation.end(InvocationError(http.headers.get(_ERROR, "Unhandled"), body.decode()[:500]))
        return web.json_response({"status": "OK"}, status=_ACCEPTED)

    async def _fail_to_start(self, http: web.Request) -> web.Response:
        self.init_error = (await http.read()).decode()[:500]
        return web.json_response({"status": "OK"}, status=_ACCEPTED)

    async def _register(self, _: web.Request) -> web.Response:
        identity = str(uuid4())
        self._extensions.add(identity)
        body = {"functionName": self._arn.rpartition(":")[2], "functionVersion": "$LATEST", "handler": ""}
        return web.Response(
            text=json.dumps(body), content_type="application/json", headers={"Lambda-Extension-Identifier": identity}
        )

    async def _extension_waits(self, http: web.Request) -> web.Response:
        if http.headers.get("Lambda-Extension-Identifier") not in self._extensions:
            return web.Response(status=403)
        await asyncio.Event().wait()  # the adapter subscribes to no events
        raise AssertionError

    def _named(self, http: web.Request) -> FunctionInvocation | None:
        current = self._current
        return current if current and current.id == http.match_info["id"] and not current.is_over else None


def _acknowledge_at_once(wire: socket.socket | None) -> None:
    """Send the TCP acknowledgement at once. The adapter sends without TCP_NODELAY and would wait 40 ms for it."""
    if wire is not None and hasattr(socket, "TCP_QUICKACK"):
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
