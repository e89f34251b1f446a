"""The load generator: a process of its own, so that what it costs is not chat's cost.

Lines of JSON: lanes in, `ready`; `go`, then what was seen of every stream; `check`, then the same with `is_consistent`.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from time import monotonic
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

from infra.local.bedrock import tokens
from tests.bench.plan import Lane, StreamRequest, StreamResult
from tests.bench.stream_parsers import EventStreamParser, SseParser
from tests.clients import messages

_STREAM_S = 120.0
_CHECKED_AT_ONCE = 4


class Generator:
    def __init__(self, session: ClientSession, lanes: list[Lane]) -> None:
        self._session = session
        self._lanes = lanes
        self._began = 0.0

    async def prepare(self) -> None:
        gate = asyncio.Semaphore(_CHECKED_AT_ONCE)

        async def prepared(lane: Lane) -> Lane:
            async with gate:
                return [await self._with_conversation(request) for request in lane]

        self._lanes = list(await asyncio.gather(*map(prepared, self._lanes)))

    async def _with_conversation(self, request: StreamRequest) -> StreamRequest:
        if request.side == "relay" or request.conversation:
            return request
        url = f"{request.url}/api/chat/conversations"
        async with self._session.post(url, json={"title": "Bench"}, headers=_bearer(request)) as answer:
            answer.raise_for_status()
            return replace(request, conversation=(await answer.json())["id"])

    async def run(self) -> list[StreamResult]:
        self._began = monotonic()
        lanes = await asyncio.gather(*(self._lane(lane) for lane in self._lanes))
        return [results for lane in lanes for results in lane]

    async def _lane(self, lane: Lane) -> list[StreamResult]:
        results = []
        for request in lane:
            await asyncio.sleep(max(0.0, self._began + request.at - monotonic()))
            results.append(await self._stream(request))
        return results

    async def _stream(self, request: StreamRequest) -> StreamResult:
        parser = SseParser() if request.side == "chat" else EventStreamParser()
        path = messages(request.conversation or "") if request.side == "chat" else "/"
        started, problem = monotonic(), None
        try:
            headers = {**_bearer(request), "Accept": "text/event-stream"}
            async with self._session.post(request.url + path, json=request.body(), headers=headers) as answer:
                if answer.status != 200:
                    problem = f"{answer.status}: {(await answer.text())[:300]}"
                else:
                    async for data in answer.content.iter_any():
                        parser.feed(monotonic(), data)
        except (ClientError, TimeoutError) as error:
            problem = repr(error)
        ended = monotonic()
        problem = problem or parser.problem()
        lags = _lags(request, started, parser.received)
        return StreamResult(
            side=request.side, started=started, ended=ended,
            ttft=(parser.received[0][0] - started) * 1000 if lags else None, lags=lags, frames=parser.frames,
            tokens=len(lags), turn_id=parser.turn_id, conversation=request.conversation,
            text="".join(text for _, text in parser.received), problem=problem,
        )  # fmt: skip

    async def check(self, results: list[StreamResult]) -> None:
        gate = asyncio.Semaphore(_CHECKED_AT_ONCE)
        requests = [request for lane in self._lanes for request in lane]

        async def check_one(request: StreamRequest, seen: StreamResult) -> None:
            async with gate:
                seen.is_consistent = await self._is_consistent(request, seen)

        await asyncio.gather(*(check_one(a, t) for a, t in zip(requests, results, strict=True) if t.turn_id))

    async def _is_consistent(self, request: StreamRequest, seen: StreamResult) -> bool:
        """Read the log from its start, and the message; both must be what was streamed."""
        parser = SseParser()
        async with self._session.get(
            f"{request.url}/api/chat/turns/{seen.turn_id}/events", headers=_bearer(request)
        ) as log:
            parser.feed(0, await log.read())
        url = f"{request.url}{messages(seen.conversation or '')}?limit=200"
        async with self._session.get(url, headers=_bearer(request)) as answer:
            items = (await answer.json())["items"]
        (stored,) = [each for each in items if each.get("turn_id") == seen.turn_id]
        text = "".join(block.get("text", "") for block in stored["content"])
        logged = "".join(text for _, text in parser.received)
        return logged == text == seen.text and parser.frames == seen.frames and parser.consecutive


def _lags(request: StreamRequest, started: float, received: list[tuple[float, str]]) -> list[float]:
    """Of each token, behind its due time; a frame may bring several, or part of one."""
    due = iter(tokens.split("".join(text for _, text in received)))
    lags: list[float] = []
    brought, needed = 0, len(next(due, ""))
    for at, text in received:
        brought += len(text)
        while needed and brought >= needed:
            lags.append((at - started - request.pace.due_s(len(lags))) * 1000)
            piece = next(due, "")
            needed = needed + len(piece) if piece else 0
    return lags


def _bearer(request: StreamRequest) -> dict[str, str]:
    return {"Authorization": f"Bearer {request.token}"} if request.token else {}


def _write(what: Any) -> None:
    print(json.dumps(what), flush=True)


async def _main() -> None:
    read: Callable[[], Any] = lambda: asyncio.to_thread(sys.stdin.readline)  # noqa: E731
    timeout = ClientTimeout(total=_STREAM_S, sock_connect=10)
    async with ClientSession(connector=TCPConnector(limit=0, keepalive_timeout=60), timeout=timeout) as session:
        while line := await read():
            lanes = [[StreamRequest.of(request) for request in lane] for lane in json.loads(line)]
            generator = Generator(session, lanes)
            await generator.prepare()
            _write("ready")
            await read()
            results = await generator.run()
            _write("ran")
            await read()
            await generator.check(results)
            _write([asdict(each) for each in results])


if __name__ == "__main__":
    asyncio.run(_main())
