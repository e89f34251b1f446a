"""API Gateway between an HTTP client and a function: builds a REST API's proxy event and translates the response.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
A streamed response is a JSON prelude, eight NUL bytes, and the body.
"""

import base64
import json
import re
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol
from uuid import uuid4

from aiohttp import web
from multidict import CIMultiDict

from infra.local.lambdas.invocation import FunctionInvocation, InvocationError

MAX_REQUEST_BYTES: Final = 10 * 1024 * 1024
MAX_PRELUDE_BYTES: Final = 16 * 1024
_END_OF_PRELUDE: Final = b"\0" * 8
_PLUS: Final = re.compile(r"\{(\w+)\+\}")
_STATUS: Final = {"Sandbox.Timedout": 504, "TooManyRequestsException": 429, "RequestEntityTooLarge": 413}
_HOP_BY_HOP: Final = {"content-length", "transfer-encoding", "connection"}


class Invocable(Protocol):
    async def invoke(self, event: bytes) -> FunctionInvocation: ...


@dataclass(frozen=True)
class ApiRoute:
    """`path` in API Gateway's syntax: `/a/{id}`, `/{rest+}`. `method`: GET …, or ANY."""

    method: str
    path: str
    function: Invocable


def proxy_event(http: web.Request, body: bytes, resource: str = "/{proxy+}") -> bytes:
    is_text = http.content_type.startswith("text/") or "json" in http.content_type
    text = body.decode() if is_text else base64.b64encode(body).decode()
    now = time.time()
    event: dict[str, Any] = {
        "resource": resource,
        "path": http.rel_url.raw_path,
        "httpMethod": http.method,
        "headers": dict(http.headers),
        "multiValueHeaders": {name: http.headers.getall(name) for name in http.headers},
        "queryStringParameters": dict(http.query) or None,
        "multiValueQueryStringParameters": {name: http.query.getall(name) for name in http.query} or None,
        "pathParameters": dict(http.match_info) or None,
        "stageVariables": None,
        "requestContext": {
            "accountId": "000000000000", "apiId": "local", "resourceId": "local", "resourcePath": resource,
            "httpMethod": http.method, "path": f"/live{http.path}", "stage": "live", "protocol": "HTTP/1.1",
            "requestId": str(uuid4()), "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "requestTimeEpoch": int(now * 1000),
            "identity": {"sourceIp": "127.0.0.1", "userAgent": http.headers.get("User-Agent")}, "authorizer": None,
        },
        "body": text if body else None,
        "isBase64Encoded": bool(body) and not is_text,
    }  # fmt: skip
    return json.dumps(event).encode()


class RestApi:
    """An aiohttp application. Every request invokes the function of its route."""

    def __init__(self, routes: Iterable[ApiRoute]) -> None:
        self._routes = list(routes)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=MAX_REQUEST_BYTES)
        for route in self._routes:
            method = "*" if route.method == "ANY" else route.method
            app.router.add_route(method, _PLUS.sub(r"{\1:.*}", route.path), self._handler(route))
        app.router.add_route("*", "/{anything:.*}", _no_route)
        return app

    def _handler(self, route: ApiRoute) -> Any:
        async def answer(http: web.Request) -> web.StreamResponse:
            try:
                invocation = await route.function.invoke(proxy_event(http, await http.read(), route.path))
                await invocation.wait_for_start()
                if not invocation.is_streamed:
                    return _whole(json.loads(await invocation.read_all()))
                return await self._stream(http, invocation)
            except InvocationError as error:
                return web.json_response({"message": "Internal server error"}, status=_STATUS.get(error.kind, 502))

        return answer

    async def _stream(self, http: web.Request, invocation: FunctionInvocation) -> web.StreamResponse:
        pieces = invocation.pieces()
        prelude, rest = await _prelude(pieces)
        response = web.StreamResponse(status=prelude.get("statusCode", 200), headers=_headers(prelude))
        await response.prepare(http)
        try:
            if rest:
                await response.write(rest)
            async for piece in pieces:
                await response.write(piece)
            await response.write_eof()
        except InvocationError:  # too late for a status: the client sees a broken stream
            if http.transport:
                http.transport.abort()
        except ConnectionError:  # the client has disconnected; the function is not informed
            await invocation.wait()
        return response


async def _no_route(_: web.Request) -> web.Response:
    """API Gateway's response for an unknown path."""
    return web.json_response({"message": "Missing Authentication Token"}, status=403)


async def _prelude(pieces: AsyncIterator[bytes]) -> tuple[dict[str, Any], bytes]:
    read = b""
    async for piece in pieces:
        read += piece
        if _END_OF_PRELUDE in read:
            head, _, rest = read.partition(_END_OF_PRELUDE)
            return json.loads(head), rest
        if len(read) > MAX_PRELUDE_BYTES:
            break
    raise InvocationError("Runtime.InvalidPrelude", "no prelude")


def _headers(answer: dict[str, Any]) -> CIMultiDict[str]:
    found: CIMultiDict[str] = CIMultiDict()
    many = answer.get("multiValueHeaders") or {}
    for name, values in many.items():
        for value in values:
            found.add(name, value)
    for name, value in (answer.get("headers") or {}).items():
        if name not in found:
            found.add(name, value)
    for cookie in answer.get("cookies") or []:
        found.add("Set-Cookie", cookie)
    for name in _HOP_BY_HOP:
        found.popall(name, None)
    return found


def _whole(answer: dict[str, Any]) -> web.Response:
    body = answer.get("body") or ""
    data = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
    return web.Response(status=answer["statusCode"], body=data, headers=_headers(answer))
