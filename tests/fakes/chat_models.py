"""A model that says what the test tells it to: chat's port `Models`, scripted step by step."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from services.chat.adapters.tool_catalog import ToolsUnavailableError, UnknownToolError
from services.chat.llm.port import ModelEvent, ModelRequest, Stopped, TextDelta, ToolSpec, ToolUse, UsageReported
from shared.catalogue import Usage

Step = ModelEvent | Exception | asyncio.Event
"""Say it, raise it, or wait for it."""

USAGE = Usage(input_tokens=120, output_tokens=7)
END = (Stopped("end_turn"), UsageReported(USAGE))


def answer(*words: str) -> list[Step]:
    """A whole answer, one event per word."""
    return [*(TextDelta(each) for each in words), *END]


def calls(*asked: ToolUse, saying: str = "") -> list[Step]:
    """An answer that stops to have these tools called."""
    return [*([TextDelta(saying)] if saying else []), *asked, Stopped("tool_use"), UsageReported(USAGE)]


class FakeModels:
    """Says `answers` to a question and `titles` when it is asked with a system prompt, as titles are.

    What is in `first` is said before that, one after another.
    """

    def __init__(self, *steps: Step) -> None:
        self.answers: Sequence[Step] = steps or answer("Hello", " there", ".")
        self.first: list[Sequence[Step]] = []
        self.titles: Sequence[Step] = answer("Greeting")
        self.requests: list[ModelRequest] = []
        self.open = 0
        self.hung_up = 0

    async def converse(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        self.requests.append(request)
        self.open += 1
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
            self.hung_up += 1
            raise
        finally:
            self.open -= 1

    def _script(self, request: ModelRequest) -> Sequence[Step]:
        if request.system:
            return self.titles
        return self.first.pop(0) if self.first else self.answers

    def asked(self, purpose: str = "answer") -> list[ModelRequest]:
        """The requests for an answer, or those for a title."""
        return [request for request in self.requests if bool(request.system) == (purpose == "title")]


class FakeToolCatalog:
    """Chat's port `Toolbox`: tools of these names, unless agents is `down`."""

    def __init__(self, *names: str) -> None:
        self.names = set(names or ("calculator",))
        self.down = False

    async def specs(self, names: Sequence[str]) -> list[ToolSpec]:
        if self.down:
            raise ToolsUnavailableError
        if unknown := set(names) - self.names:
            raise UnknownToolError(min(unknown))
        return [ToolSpec(name, f"The {name}.", {"type": "object"}) for name in names]
