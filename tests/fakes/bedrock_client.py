"""The client `bedrock-runtime`, as far as a streamed answer needs it."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from tests.fakes.faults import Faults

Step = dict[str, Any] | Exception | asyncio.Event
"""An event of the stream, a fault in its place, or silence until the event is set."""


def text(words: str) -> dict[str, Any]:
    return {"contentBlockDelta": {"delta": {"text": words}, "contentBlockIndex": 0}}


def reasoning(**delta: str) -> dict[str, Any]:
    return {"contentBlockDelta": {"delta": {"reasoningContent": delta}, "contentBlockIndex": 0}}


def stop(reason: str = "end_turn") -> dict[str, Any]:
    return {"messageStop": {"stopReason": reason}}


def usage(**tokens: int | None) -> dict[str, Any]:
    return {"metadata": {"usage": {"inputTokens": 0, "outputTokens": 0, "totalTokens": 0, **tokens}, "metrics": {}}}


START: dict[str, Any] = {"messageStart": {"role": "assistant"}}


class FakeBedrock(Faults):
    """Answers every request with the same steps; `slow` is waited for before the answer's head comes."""

    def __init__(self, *steps: Step) -> None:
        super().__init__()
        self.steps: Sequence[Step] = steps or (START, text("Hi"), stop(), usage(inputTokens=3, outputTokens=1))
        self.slow: asyncio.Event | None = None
        self.asked: list[dict[str, Any]] = []
        self.streams: list[FakeStream] = []

    async def converse_stream(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
        self._called("converse_stream")
        if self.slow:
            await self.slow.wait()
        self.streams.append(FakeStream(self.steps))
        return {"stream": self.streams[-1]}


class FakeStream:
    """An AioEventStream: iterated once, closed without waiting."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps
        self.closed = False

    async def __aiter__(self) -> AsyncGenerator[dict[str, Any], None]:
        for step in self._steps:
            await asyncio.sleep(0)
            if isinstance(step, asyncio.Event):
                await step.wait()
            elif isinstance(step, Exception):
                raise step
            else:
                yield step

    def close(self) -> None:
        self.closed = True
