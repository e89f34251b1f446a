"""A proxy between a service and the embedded AWS that records every call and the capacity that DynamoDB consumed.

`python -m tests.bench.call_recorder --port N --aws URL`; `GET /_calls` lists the calls, `DELETE /_calls` clears them.
The proxy adds `ReturnConsumedCapacity` to each DynamoDB request; the embedded AWS checks no signature.
"""

import argparse
import asyncio
import json
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import ClientSession, TCPConnector, web

_DYNAMODB = "DynamoDB"
_HOPS = frozenset({"host", "content-length", "transfer-encoding", "connection"})
_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"})


@dataclass(frozen=True)
class Call:
    service: str
    operation: str
    writes: bool
    capacity: float  # units that DynamoDB says it consumed, 0 for others
    items: int  # written or read
    sent: int  # bytes
    received: int


class CallRecorder:
    def __init__(self, aws: str, session: ClientSession) -> None:
        self._aws = aws
        self._session = session
        self._calls: list[Call] = []

    def app(self) -> web.Application:
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.router.add_get("/health", self._health)
        app.router.add_get("/_calls", self._list_calls)
        app.router.add_delete("/_calls", self._clear_calls)
        app.router.add_route("*", "/{rest:.*}", self._forward)
        return app

    async def _health(self, _: web.Request) -> web.Response:
        return web.Response()

    async def _list_calls(self, _: web.Request) -> web.Response:
        return web.json_response([asdict(call) for call in self._calls])

    async def _clear_calls(self, _: web.Request) -> web.Response:
        self._calls.clear()
        return web.Response(status=204)

    async def _forward(self, http: web.Request) -> web.Response:
        target, body = http.headers.get("X-Amz-Target", ""), await http.read()
        service, _, operation = target.partition(".")
        request_body: dict[str, Any] = {}
        if service.startswith(_DYNAMODB):
            request_body = json.loads(body)
            body = json.dumps({**request_body, "ReturnConsumedCapacity": "TOTAL"}).encode()
        headers = {name: value for name, value in http.headers.items() if name.lower() not in _HOPS}
        url = self._aws + http.raw_path
        async with self._session.request(http.method, url, data=body, headers=headers) as answer:
            response_body = await answer.read()
            results = json.loads(response_body) if request_body and answer.status == 200 else {}
            self._calls.append(
                Call(
                    service=service.partition("_")[0] or http.path.partition("/")[0] or "other",
                    operation=operation or http.method,
                    writes=operation in _WRITES,
                    capacity=_capacity(results.get("ConsumedCapacity")),
                    items=_items(operation, request_body, results),
                    sent=len(body),
                    received=len(response_body),
                )
            )
            response_headers = {name: value for name, value in answer.headers.items() if name.lower() not in _HOPS}
            return web.Response(status=answer.status, body=response_body, headers=response_headers)


def _capacity(results: Any) -> float:
    each = results if isinstance(results, list) else [results] if results else []
    return sum(float(one["CapacityUnits"]) for one in each)


def _items(operation: str, request_body: dict[str, Any], results: dict[str, Any]) -> int:
    match operation:
        case "Query":
            return len(results.get("Items", []))
        case "TransactWriteItems":
            return len(request_body["TransactItems"])
        case "BatchGetItem":
            return sum(len(items) for items in results.get("Responses", {}).values())
        case "BatchWriteItem":
            return sum(len(writes) for writes in request_body["RequestItems"].values())
        case _:
            return 1


async def _serve(port: int, aws: str) -> None:
    async with ClientSession(connector=TCPConnector(limit=0), auto_decompress=False) as session:
        runner = web.AppRunner(CallRecorder(aws, session).app(), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--aws", required=True)
    given = parser.parse_args()
    asyncio.run(_serve(given.port, given.aws))
