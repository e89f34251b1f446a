"""A runtime over clients in memory, for a service's `build` in unit tests."""

from contextlib import AsyncExitStack
from typing import Any, TypeVar

from shared.clock import Clock
from shared.events.envelope import Envelope
from shared.host.runtime import Runtime
from shared.ids import UlidIds
from shared.settings import ServiceSettings
from shared.telemetry import Metrics
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.s3 import FakeS3
from tests.fakes.sqs import FakeSqs


class FakeAws:
    """The clients by their names."""

    def __init__(self, **clients: Any) -> None:
        self._clients = clients

    async def client(self, name: str, region: str | None = None) -> Any:  # noqa: ARG002 - one region
        return self._clients[name]

    def __getattr__(self, name: str) -> Any:
        async def client() -> Any:
            return self._clients[name]

        return client


def fake_runtime(
    dynamodb: Any = None,
    sqs: Any = None,
    s3: Any = None,
    *,
    clock: Clock | None = None,
    notified: list[Envelope] | None = None,
    stack: AsyncExitStack | None = None,
) -> Runtime:
    """`notified` collects the events that commits have written."""
    clock = clock or FakeClock()
    events = notified if notified is not None else []
    aws: Any = FakeAws(
        dynamodb=dynamodb or FakeDynamoDb(), sqs=sqs or FakeSqs(clock), s3=s3 or FakeS3(), bedrock_runtime=None
    )
    return Runtime(aws, clock, UlidIds(clock), Metrics("test", clock), None, events.extend, stack or AsyncExitStack())


S = TypeVar("S", bound=ServiceSettings)


def fake_settings(settings: type[S], **changed: Any) -> S:
    """Settings of a service whose table is called as the service, and whose queues by the names of their settings."""
    given: dict[str, Any] = {
        "user_pool_id": "pool", "user_pool_client_id": "client", "user_pool_issuer": "issuer",
        "user_pool_jwks_url": "http://127.0.0.1/keys", "event_bus": "bus", "content_bucket": "content",
        "cursor_secret": "signs cursors in tests, and nowhere else",
        "internal_token_secret": "signs tokens in tests, and nowhere else",
    }  # fmt: skip
    for name, field in settings.model_fields.items():
        if field.is_required() and name not in given:
            given[name] = name.removesuffix("_url").replace("_", "-")
    return settings(**(given | changed))
