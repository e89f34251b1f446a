"""`python -m tests.chaos.fault_proxy --port N --upstream URL --rules FILE`: an AWS that is ill, by rules.

Stands between the services and the embedded AWS and raises what that never does. `PUT /_faults` with the JSON of
`Rules.dump` changes the rules (and keeps them in the file, for the proxy's next life); `GET /_faults` counts.
"""

import argparse
import asyncio
from pathlib import Path

from aiohttp import ClientSession, DummyCookieJar, TCPConnector, web

from tests.chaos.fault_rules import Fault, Rules, refusal

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "date"})
_RULES = web.AppKey("rules", Rules)
_SESSION = web.AppKey("session", ClientSession)


def build_app(upstream: str, file: Path) -> web.Application:
    app = web.Application(client_max_size=32 * 1024 * 1024)
    holder = {"rules": Rules.load(file.read_text(encoding="utf-8")) if file.exists() else Rules()}

    async def change(request: web.Request) -> web.Response:
        holder["rules"] = Rules.load(await request.text())
        await asyncio.to_thread(file.write_text, holder["rules"].dump(), encoding="utf-8")
        return web.json_response({})

    async def count(_request: web.Request) -> web.Response:
        rules = holder["rules"]
        return web.json_response({"struck": dict(rules.struck), "passed": rules.passed})

    async def carry(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        fault = holder["rules"].verdict(request.headers.get("X-Amz-Target", ""))
        if fault in {"throttle", "conflict"}:
            return _refuse(fault, body)
        if fault == "away":
            return _break(request)
        answer = await _ask(request, body, upstream)
        if fault is None or answer.status != web.HTTPOk.status_code:
            return answer
        return _break(request) if fault == "cut" else _refuse(fault, body)

    app.router.add_get("/_faults", count)
    app.router.add_put("/_faults", change)
    app.router.add_route("*", "/{path:.*}", carry)
    app.cleanup_ctx.append(_session)
    return app


def _refuse(fault: Fault, body: bytes) -> web.Response:
    status, told = refusal(fault, body)
    return web.json_response(told, status=status, content_type="application/x-amz-json-1.0")


def _break(request: web.Request) -> web.Response:
    """Ends the connection without an answer."""
    transport: asyncio.BaseTransport | None = request.transport
    if isinstance(transport, asyncio.Transport):
        transport.abort()
    return web.Response()


async def _ask(request: web.Request, body: bytes, upstream: str) -> web.Response:
    headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP}
    url = upstream + request.rel_url.raw_path_qs
    async with request.app[_SESSION].request(request.method, url, data=body, headers=headers) as answer:
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP}
        return web.Response(status=answer.status, headers=kept, body=await answer.read())


async def _session(app: web.Application):  # noqa: ANN202 - aiohttp's own shape
    async with ClientSession(connector=TCPConnector(limit=0), cookie_jar=DummyCookieJar()) as session:
        app[_SESSION] = session
        yield


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.chaos.fault_proxy")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--upstream", required=True)
    parser.add_argument("--rules", type=Path, required=True)
    given = parser.parse_args()
    app = build_app(given.upstream, given.rules)
    web.run_app(app, host="127.0.0.1", port=given.port, access_log=None, print=None, shutdown_timeout=1)


if __name__ == "__main__":
    main()
