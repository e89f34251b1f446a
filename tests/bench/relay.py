"""The baseline: the least code between a model and a client. No log, no identity, no parsing.

`python -m tests.bench.relay --port N --models URL`
"""

import argparse
import asyncio

from aiohttp import ClientSession, ClientTimeout, TCPConnector, web

_MODEL = "/model/scripted.lorem/converse-stream"


class Relay:
    def __init__(self, models: str, session: ClientSession) -> None:
        self._address = models + _MODEL
        self._session = session

    async def stream(self, http: web.Request) -> web.StreamResponse:
        body = {"messages": [{"role": "user", "content": [{"text": (await http.json())["text"]}]}]}
        response = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
        async with self._session.post(self._address, json=body) as answer:
            answer.raise_for_status()
            await response.prepare(http)
            async for data in answer.content.iter_any():
                await response.write(data)
        return response


async def _serve(port: int, models: str) -> None:
    timeout = ClientTimeout(total=None)
    async with ClientSession(connector=TCPConnector(limit=0), timeout=timeout) as session:
        app = web.Application()
        app.router.add_post("/", Relay(models, session).stream)
        app.router.add_get("/health", _health)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await asyncio.Event().wait()


async def _health(_: web.Request) -> web.Response:
    return web.Response()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--models", required=True)
    given = parser.parse_args()
    asyncio.run(_serve(given.port, given.models))
