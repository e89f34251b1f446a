"""The HTTP servers of the function hosts: one for events from the embedded AWS, or one for each service's API."""

import asyncio
import signal
from collections.abc import Mapping
from typing import Final

from aiohttp import web
from botocore.exceptions import ClientError

from infra.local.lambdas.host import FunctionHost
from infra.local.lambdas.invocation import MAX_EVENT_BYTES, InvocationError

_HOST: Final = "127.0.0.1"
_FAILED: Final = 500


def invocations_app(host: FunctionHost) -> web.Application:
    """`POST /functions/<name>/<version>` with an event returns the function's response, or 500 with its error."""

    async def invoke(http: web.Request) -> web.Response:
        try:
            function = await host.function(http.match_info["name"], http.match_info["version"])
            answer = await function.call(await http.read())
        except (InvocationError, ClientError) as error:
            kind = error.kind if isinstance(error, InvocationError) else "ResourceNotFoundException"
            return web.json_response({"errorType": kind, "errorMessage": str(error)[:500]}, status=_FAILED)
        return web.Response(body=answer, content_type="application/json")

    async def health(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    app = web.Application(client_max_size=MAX_EVENT_BYTES)
    app.add_routes([web.post("/functions/{name}/{version}", invoke), web.get("/health", health)])
    return app


async def serve(apps: Mapping[int, web.Application], host: FunctionHost) -> None:
    """Serve the applications by port until SIGTERM or SIGINT, then stop every environment."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runners = []
    try:
        for port, app in apps.items():
            runners.append(web.AppRunner(app, access_log=None, shutdown_timeout=1))
            await runners[-1].setup()
            await web.TCPSite(runners[-1], _HOST, port).start()
        await stop.wait()
    finally:
        await asyncio.gather(*(runner.cleanup() for runner in runners))
        await host.close()
