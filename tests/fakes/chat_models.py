"""Fake models: chat's port to language models, scripted step by step by the test."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from services.chat.domain import ToolOffer
from shared.catalogue import Usage
from shared.llm.port import ModelEvent, ModelRequest, Stopped, TextDelta, ToolSpec, ToolUse, UsageReported
from shared.problems import problem

Step = ModelEvent | Exception | asyncio.Event
"""An event to yield, an error to raise, or an asyncio event to wait for."""

USAGE = Usage(input_tokens=120, output_tokens=7)
END = (Stopped("end_turn"), UsageReported(USAGE))


def answer(*words: str) -> list[Step]:
    """A complete answer, one delta per word."""
    return [*(TextDelta(each) for each in words), *END]


def tool_calls(*tool_uses: ToolUse, text: str = "") -> list[Step]:
    """An answer that stops to have these tools called."""
    return [*([TextDelta(text)] if text else []), *tool_uses, Stopped("tool_use"), UsageReported(USAGE)]


class FakeModels:
    """Plays `answers` for a question, and `titles` for a request with a system prompt, as those for titles have.

    Each script in `next_answers` is played once, in order, before `answers`. `open_calls` counts the calls that run
    now, `cancelled_calls` those that were ended from outside. `tokens` is the answer to `count`, of any request.
    """

    def __init__(self, *steps: Step) -> None:
        self.answers: Sequence[Step] = steps or answer("Hello", " there", ".")
        self.next_answers: list[Sequence[Step]] = []
        self.titles: Sequence[Step] = answer("Greeting")
        self.requests: list[ModelRequest] = []
        self.tokens: int | None = None
        self.count_requests: list[ModelRequest] = []
        self.open_calls = 0
        self.cancelled_calls = 0

    async def converse(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        self.requests.append(request)
        self.open_calls += 1
        try:
            for step in self._script(request):
                await asyncio.sleep(0)
                if isinstance(step, asyncio.Event):
                    await step.wait()
                elif isinstance(step, Exception):
                    raise step
                else:
                    yield step
        except (GeneratorExit, asyncio.CancelledError):
            self.cancelled_calls += 1
            raise
        finally:
            self.open_calls -= 1

    async def count(self, request: ModelRequest) -> int | None:
        self.count_requests.append(request)
        return self.tokens

    def _script(self, request: ModelRequest) -> Sequence[Step]:
        if request.system:
            return self.titles
        return self.next_answers.pop(0) if self.next_answers else self.answers

    def requests_for(self, purpose: str = "answer") -> list[ModelRequest]:
        """The requests for an answer, or those for a title."""
        return [request for request in self.requests if bool(request.system) == (purpose == "title")]


class FakeToolCatalog:
    """Chat's port `ToolCatalog`: offers tools of these names; unavailable while `down`."""

    def __init__(self, *names: str) -> None:
        self.names = set(names or ("calculator",))
        self.down = False

    async def offered(self, offer: ToolOffer) -> list[ToolSpec]:
        if self.down and offer.names:
            raise problem("tools-unavailable")
        if unknown := set(offer.names) - self.names:
            raise problem("tool-not-found", f"No tool is called {min(unknown)}.")
        return [ToolSpec(name, f"The {name}.", {"type": "object"}) for name in offer.names]
