"""The relay as Lambda functions: the table's stream notifies it, and once a minute a schedule sweeps.

The stream only notifies and never sends a record again. A row that could not be published stays in the outbox until a
sweep publishes it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, Self

import structlog

from shared.events.outbox import rows as outbox
from shared.events.outbox.bus import Row
from shared.events.outbox.relay import Relay
from shared.host.environment import Environment, seconds_left
from shared.host.runtime import open_runtime
from shared.settings import PublisherSettings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_log: Final = structlog.get_logger()

StreamEvent = Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""Records of a table's stream: a list from a Pipe, an object with `Records` from an event source mapping."""


class RelayFunction:
    """Two handlers for Lambda: `on_stream` and `on_schedule`."""

    def __init__(self, environment: Environment[Any, Relay]) -> None:
        self._environment = environment
        self.close = environment.close

    @classmethod
    def of(cls, service: str, read_settings: Callable[[], PublisherSettings]) -> Self:
        @asynccontextmanager
        async def opened(settings: PublisherSettings) -> AsyncIterator[Relay]:
            async with open_runtime(service, settings, notified_by="stream") as runtime:
                assert runtime.relay is not None  # noqa: S101 - a publisher's settings
                yield runtime.relay

        return cls(Environment(service, read_settings, opened))

    def on_stream(self, event: StreamEvent, context: "LambdaContext") -> None:
        """Publish the inserted rows. Errors of AWS are only logged, so that an outage does not block the stream."""
        rows = rows_of(event)
        self._environment.run(lambda relay: _run_within_deadline(relay, relay.try_publish(rows), context), context)

    def on_schedule(self, _event: object, context: "LambdaContext") -> None:
        """Publish rows that are older than a minute, as many as the time of the invocation allows."""
        self._environment.run(lambda relay: _run_within_deadline(relay, relay.try_sweep(), context), context)


def rows_of(event: StreamEvent) -> list[Row]:
    """The inserted outbox rows, each once. Other records, and records without an image, are ignored."""
    records = event["Records"] if isinstance(event, Mapping) else event
    images = [record["dynamodb"].get("NewImage", {}) for record in records if record.get("eventName") == "INSERT"]
    return list({row.event_id: row for row in map(Row.from_item, filter(outbox.is_row, images))}.values())


async def _run_within_deadline(relay: Relay, operation: Awaitable[None], context: "LambdaContext") -> None:
    try:
        async with asyncio.timeout(seconds_left(context)):
            await operation
    except TimeoutError:
        _log.warning("relay.timed_out")
    finally:
        relay.flush_metrics()
