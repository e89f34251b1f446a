"""A small service with one queue and one background task, for tests of its hosts."""

import asyncio
from collections.abc import Awaitable, Callable

from shared.events.consumer.messages import QueueMessage
from shared.host.runtime import Runtime
from shared.host.service_app import ConsumedQueue, ServiceApp
from shared.settings import ServiceSettings
from tests.fakes.http_service import ROUTES, Context


class ExampleSettings(ServiceSettings):
    events_queue_url: str
    events_dead_letter_queue_url: str


class ExampleService:
    """Records the calls of its hosts. `handles`: called by its handler after it has recorded the message."""

    def __init__(
        self, handles: Callable[[QueueMessage], Awaitable[None]] | None = None, *, settles_on_lambda: bool = False
    ) -> None:
        self._handles = handles
        self._settles_on_lambda = settles_on_lambda
        self.seen: list[str] = []

    async def build(self, _runtime: Runtime, settings: ExampleSettings) -> ServiceApp:
        queue = ConsumedQueue.of(
            settings,
            "events",
            self.handle,
            visibility_s=8,
            settles_on_lambda=self._settles_on_lambda,
            finish_or_hand_over=self.finish,
        )
        return ServiceApp(
            routes=ROUTES, context=Context(), queues=[queue], background=[self.background], drain=self.drain
        )

    async def handle(self, message: QueueMessage) -> None:
        self.seen.append(f"handled {message.body}")
        if self._handles:
            await self._handles(message)

    async def finish(self, _seconds: float) -> None:
        self.seen.append("finished")

    async def background(self, stop: asyncio.Event) -> None:
        self.seen.append("background begins")
        await stop.wait()
        self.seen.append("background ends")

    async def drain(self) -> None:
        self.seen.append("drained")
