"""The load generator: a separate process, so that its CPU time is not counted as chat's.

Its protocol is lines of JSON: it reads the lanes and writes `ready`; it reads `go`, runs the lanes and writes `ran`;
it reads `check`, compares logs with messages and writes the results.
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
_CONCURRENT_CHECKS = 4


class Generator:
    def __init__(self, session: ClientSession, lanes: list[Lane]) -> None:
        self._session = session
        self._lanes = lanes
        self._began = 0.0

    async def prepare(self) -> None:
        gate = asyncio.Semaphore(_CONCURRENT_CHECKS)

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
        gate = asyncio.Semaphore(_CONCURRENT_CHECKS)
        requests = [request for lane in self._lanes for request in lane]

        async def check_one(request: StreamRequest, result: StreamResult) -> None:
            async with gate:
                result.is_consistent = await self._is_consistent(request, result)

        await asyncio.gather(*(check_one(a, t) for a, t in zip(requests, results, strict=True) if t.turn_id))

    async def _is_consistent(self, request: StreamRequest, result: StreamResult) -> bool:
        """Read the log from its start, and the message; both must be equal to the streamed text."""
        parser = SseParser()
        async with self._session.get(
            f"{request.url}/api/chat/turns/{result.turn_id}/events", headers=_bearer(request)
        ) as log:
            parser.feed(0, await log.read())
        url = f"{request.url}{messages(result.conversation or '')}?limit=200"
        async with self._session.get(url, headers=_bearer(request)) as answer:
            items = (await answer.json())["items"]
        (stored,) = [each for each in items if each.get("turn_id") == result.turn_id]
        text = "".join(block.get("text", "") for block in stored["content"])
        logged = "".join(text for _, text in parser.received)
        return logged == text == result.text and parser.frames == result.frames and parser.consecutive


def _lags(request: StreamRequest, started: float, received: list[tuple[float, str]]) -> list[float]:
    """Delay of each token after its due time; a frame may hold several tokens, or part of one."""
    due = iter(tokens.split("".join(text for _, text in received)))
    lags: list[float] = []
    received_chars, due_chars = 0, len(next(due, ""))
    for at, text in received:
        received_chars += len(text)
        while due_chars and received_chars >= due_chars:
            lags.append((at - started - request.pace.due_s(len(lags))) * 1000)
            token = next(due, "")
            due_chars = due_chars + len(token) if token else 0
    return lags


def _bearer(request: StreamRequest) -> dict[str, str]:
    return {"Authorization": f"Bearer {request.token}"} if request.token else {}


def _write(value: Any) -> None:
    print(json.dumps(value), flush=True)


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
