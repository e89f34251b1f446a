"""A fake of the client `bedrock-runtime`: it streams encoded frames in a response body, and counts tokens."""

import asyncio
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import aiohttp

from infra.local.bedrock import eventstream
from tests.fakes.faults import Faults

Step = dict[str, Any] | bytes | Exception | asyncio.Event
"""An event of the stream, raw bytes instead of one, an error of the connection, or a pause until the event is set."""


def text(value: str) -> dict[str, Any]:
    return {"contentBlockDelta": {"delta": {"text": value}, "contentBlockIndex": 0}}


def reasoning(**delta: str) -> dict[str, Any]:
    return {"contentBlockDelta": {"delta": {"reasoningContent": delta}, "contentBlockIndex": 0}}


def tool_start(name: str, index: int = 0) -> dict[str, Any]:
    return {"contentBlockStart": {"start": {"toolUse": {"toolUseId": "t", "name": name}}, "contentBlockIndex": index}}


def tool_input(piece: str, index: int = 0) -> dict[str, Any]:
    return {"contentBlockDelta": {"delta": {"toolUse": {"input": piece}}, "contentBlockIndex": index}}


def block_stop(index: int = 0) -> dict[str, Any]:
    return {"contentBlockStop": {"contentBlockIndex": index}}


def stop(reason: str = "end_turn") -> dict[str, Any]:
    return {"messageStop": {"stopReason": reason}}


def usage(**tokens: int | None) -> dict[str, Any]:
    return {"metadata": {"usage": {"inputTokens": 0, "outputTokens": 0, "totalTokens": 0, **tokens}, "metrics": {}}}


def fault(code: str, message: str = "x") -> bytes:
    """An exception within the stream."""
    return eventstream.exception(code, message)


def frame(event: dict[str, Any]) -> bytes:
    ((kind, payload),) = event.items()
    return eventstream.event(kind, payload)


START: dict[str, Any] = {"messageStart": {"role": "assistant"}}


class FakeBedrock(Faults):
    """Answers every request with the same steps, after `slow` is set if it is given.

    `then` has the steps of the later requests, one list each, if they differ. `count` is the answer of CountTokens.
    """

    def __init__(self, *steps: Step, then: Sequence[Sequence[Step]] = ()) -> None:
        super().__init__()
        self.steps: Sequence[Step] = steps or (START, text("Hi"), stop(), usage(inputTokens=3, outputTokens=1))
        self.slow: asyncio.Event | None = None
        self.requests: list[dict[str, Any]] = []
        self.count: dict[str, Any] = {"inputTokens": 42}
        self.count_requests: list[dict[str, Any]] = []
        self.streams: list[FakeBody] = []
        self.opened: list[str] = []
        self.meta = SimpleNamespace(events=_Events())
        self._then = list(then)

    async def of_region(self, region: str) -> Any:
        """Like `Aws.bedrock_runtime`; returns this client for every region."""
        self.opened.append(region)
        return self

    async def converse_stream(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        self._called("converse_stream")
        if self.slow:
            await self.slow.wait()
        steps = self._then.pop(0) if self._then and self.streams else self.steps
        self.streams.append(FakeBody(steps))
        answer: dict[str, Any] = {"stream": object()}
        for handle in self.meta.events.of("response-received.bedrock-runtime.ConverseStream"):
            handle(response_dict={"body": self.streams[-1], "status_code": 200}, parsed_response=answer, context={})
        return answer

    async def count_tokens(self, **request: Any) -> dict[str, Any]:
        self.count_requests.append(request)
        self._called("count_tokens")
        if self.slow:
            await self.slow.wait()
        return self.count


class _Events:
    def __init__(self) -> None:
        self._handlers: dict[str, dict[str, Callable[..., None]]] = {}

    def register(self, event: str, handler: Callable[..., None], unique_id: str) -> None:
        self._handlers.setdefault(event, {})[unique_id] = handler

    def of(self, event: str) -> Sequence[Callable[..., None]]:
        return list(self._handlers.get(event, {}).values())


class FakeBody:
    """aiohttp's response after its head: read in pieces; closing does not wait and wakes the reader."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = iter(steps)
        self._closing = asyncio.Event()
        self.content = self

    @property
    def closed(self) -> bool:
        return self._closing.is_set()

    def close(self) -> None:
        self._closing.set()

    async def readany(self) -> bytes:
        await asyncio.sleep(0)
        for step in self._steps:
            if isinstance(step, asyncio.Event):
                await self._wait_for_step_or_close(step)
            elif isinstance(step, Exception):
                raise step
            else:
                return step if isinstance(step, bytes) else frame(step)
        return b""

    async def _wait_for_step_or_close(self, step: asyncio.Event) -> None:
        waits = [asyncio.create_task(each.wait()) for each in (step, self._closing)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
        if not step.is_set():
            raise aiohttp.ClientConnectionError("Connection closed")
