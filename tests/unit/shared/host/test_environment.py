"""A Lambda execution environment: one event loop, and resources opened once for all invocations."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from structlog.contextvars import bind_contextvars, get_contextvars

from shared.host.environment import Environment, seconds_left
from shared.settings import ServiceSettings
from tests.fakes.chat_service import settings
from tests.fakes.lambda_service import FakeContext

pytestmark = pytest.mark.usefixtures("logging_configured")


class Resources:
    """The resources of a function. Each opening raises one of `errors`, if any are left."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.errors: list[Exception] = []
        self.loops: set[asyncio.AbstractEventLoop] = set()

    def read_settings(self) -> ServiceSettings:
        self.seen.append("settings read")
        return settings()

    @asynccontextmanager
    async def open(self, _settings: ServiceSettings) -> AsyncIterator["Resources"]:
        if self.errors:
            raise self.errors.pop()
        self.seen.append("opened")
        yield self
        self.seen.append("closed")

    async def enter(self) -> str:
        self.loops.add(asyncio.get_running_loop())
        return "done"


@pytest.fixture
def resources() -> Resources:
    return Resources()


@pytest.fixture
def environment(resources: Resources) -> Iterator[Environment[ServiceSettings, Resources]]:
    environment = Environment("notes", resources.read_settings, resources.open)
    yield environment
    environment.close()


def test_nothing_is_read_or_opened_before_the_first_invocation(
    resources: Resources,
    environment: Environment[ServiceSettings, Resources],
    logging_configured: list[tuple[str, str]],
) -> None:
    assert (resources.seen, logging_configured) == ([], [])
    assert environment.run(Resources.enter, FakeContext()) == "done"  # type: ignore[arg-type]
    assert resources.seen == ["settings read", "opened"]
    assert logging_configured == [("notes", "info")]


def test_all_invocations_share_the_loop_and_the_resources(
    resources: Resources, environment: Environment[ServiceSettings, Resources]
) -> None:
    for _ in range(3):
        environment.run(Resources.enter, FakeContext())  # type: ignore[arg-type]
    assert len(resources.loops) == 1
    assert resources.seen == ["settings read", "opened"]
    environment.close()
    assert resources.seen[-1] == "closed"


def test_a_failed_opening_is_repeated_by_the_next_invocation(
    resources: Resources, environment: Environment[ServiceSettings, Resources]
) -> None:
    resources.errors = [ConnectionError()]
    with pytest.raises(ConnectionError):
        environment.run(Resources.enter, FakeContext())  # type: ignore[arg-type]
    assert environment.run(Resources.enter, FakeContext()) == "done"  # type: ignore[arg-type]


def test_an_invocation_that_fails_leaves_the_environment_open_for_the_next(
    resources: Resources, environment: Environment[ServiceSettings, Resources]
) -> None:
    async def fail(_resources: Resources) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        environment.run(fail, FakeContext())  # type: ignore[arg-type]
    assert environment.run(Resources.enter, FakeContext()) == "done"  # type: ignore[arg-type]
    assert resources.seen.count("opened") == 1


def test_the_log_context_has_the_request_id_and_nothing_of_the_previous_invocation(
    environment: Environment[ServiceSettings, Resources],
) -> None:
    async def bound(_resources: Resources) -> dict[str, object]:
        found = get_contextvars()
        bind_contextvars(turn_id="turn_1")
        return found

    first, second = (environment.run(bound, FakeContext()) for _ in range(2))  # type: ignore[arg-type]
    assert first == second == {"request_id": FakeContext.aws_request_id}


def test_seconds_left_keeps_a_reserve_before_lambdas_timeout() -> None:
    assert 25 < seconds_left(FakeContext(30)) < 30  # type: ignore[arg-type]
    assert seconds_left(FakeContext(0.5)) == 0  # type: ignore[arg-type]
