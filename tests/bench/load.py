"""The load generator: a process of its own, so that what it costs is not chat's cost.

Lines of JSON: lanes in, `ready`; `go`, then what was seen of every stream; `check`, then the same with `kept`.
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
from tests.bench.listening import EventStreamEars, SseEars
from tests.bench.plan import Ask, Lane, Told
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
                return [await self._with_conversation(ask) for ask in lane]

        self._lanes = list(await asyncio.gather(*map(prepared, self._lanes)))

    async def _with_conversation(self, ask: Ask) -> Ask:
        if ask.side == "relay" or ask.conversation:
            return ask
        url = f"{ask.url}/api/chat/conversations"
        async with self._session.post(url, json={"title": "Bench"}, headers=_bearer(ask)) as answer:
            answer.raise_for_status()
            return replace(ask, conversation=(await answer.json())["id"])

    async def run(self) -> list[Told]:
        self._began = monotonic()
        lanes = await asyncio.gather(*(self._lane(lane) for lane in self._lanes))
        return [told for lane in lanes for told in lane]

    async def _lane(self, lane: Lane) -> list[Told]:
        told = []
        for ask in lane:
            await asyncio.sleep(max(0.0, self._began + ask.at - monotonic()))
            told.append(await self._stream(ask))
        return told

    async def _stream(self, ask: Ask) -> Told:
        ears = SseEars() if ask.side == "chat" else EventStreamEars()
        path = messages(ask.conversation or "") if ask.side == "chat" else "/"
        started, problem = monotonic(), None
        try:
            headers = {**_bearer(ask), "Accept": "text/event-stream"}
            async with self._session.post(ask.url + path, json=ask.body(), headers=headers) as answer:
                if answer.status != 200:
                    problem = f"{answer.status}: {(await answer.text())[:300]}"
                else:
                    async for data in answer.content.iter_any():
                        ears.hear(monotonic(), data)
        except (ClientError, TimeoutError) as error:
            problem = repr(error)
        ended = monotonic()
        problem = problem or ears.problem()
        lags = _lags(ask, started, ears.heard)
        return Told(
            side=ask.side, started=started, ended=ended, ttft=(ears.heard[0][0] - started) * 1000 if lags else None,
            lags=lags, frames=ears.frames, tokens=len(lags), turn_id=ears.turn_id, conversation=ask.conversation,
            text="".join(text for _, text in ears.heard), problem=problem,
        )  # fmt: skip

    async def check(self, told: list[Told]) -> None:
        gate = asyncio.Semaphore(_CHECKED_AT_ONCE)
        asks = [ask for lane in self._lanes for ask in lane]

        async def check_one(ask: Ask, seen: Told) -> None:
            async with gate:
                seen.kept = await self._kept(ask, seen)

        await asyncio.gather(*(check_one(a, t) for a, t in zip(asks, told, strict=True) if t.turn_id))

    async def _kept(self, ask: Ask, seen: Told) -> bool:
        """Read the log from its start, and the message; both must be what was streamed."""
        ears = SseEars()
        async with self._session.get(f"{ask.url}/api/chat/turns/{seen.turn_id}/events", headers=_bearer(ask)) as log:
            ears.hear(0, await log.read())
        url = f"{ask.url}{messages(seen.conversation or '')}?limit=200"
        async with self._session.get(url, headers=_bearer(ask)) as answer:
            items = (await answer.json())["items"]
        (stored,) = [each for each in items if each.get("turn_id") == seen.turn_id]
        text = "".join(block.get("text", "") for block in stored["content"])
        logged = "".join(text for _, text in ears.heard)
        return logged == text == seen.text and ears.frames == seen.frames and ears.consecutive


def _lags(ask: Ask, started: float, heard: list[tuple[float, str]]) -> list[float]:
    """Of each token, behind its due time; a frame may bring several, or part of one."""
    due = iter(tokens.split("".join(text for _, text in heard)))
    lags: list[float] = []
    brought, needed = 0, len(next(due, ""))
    for at, text in heard:
        brought += len(text)
        while needed and brought >= needed:
            lags.append((at - started - ask.pace.due_s(len(lags))) * 1000)
            piece = next(due, "")
            needed = needed + len(piece) if piece else 0
    return lags


def _bearer(ask: Ask) -> dict[str, str]:
    return {"Authorization": f"Bearer {ask.token}"} if ask.token else {}


def _tell(what: Any) -> None:
    print(json.dumps(what), flush=True)


async def _main() -> None:
    read: Callable[[], Any] = lambda: asyncio.to_thread(sys.stdin.readline)  # noqa: E731
    timeout = ClientTimeout(total=_STREAM_S, sock_connect=10)
    async with ClientSession(connector=TCPConnector(limit=0, keepalive_timeout=60), timeout=timeout) as session:
        while line := await read():
            lanes = [[Ask.of(ask) for ask in lane] for lane in json.loads(line)]
            generator = Generator(session, lanes)
            await generator.prepare()
            _tell("ready")
            await read()
            told = await generator.run()
            _tell("ran")
            await read()
            await generator.check(told)
            _tell([asdict(each) for each in told])


if __name__ == "__main__":
    asyncio.run(_main())
