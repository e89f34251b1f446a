"""RelayFunction: a table stream notifies it, a schedule sweeps, and rows stay until they are published."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from shared.events.envelope import Envelope
from shared.events.outbox import rows as outbox
from shared.events.outbox.relay import Relay
from shared.host.environment import Environment
from shared.host.lambda_relay import RelayFunction, rows_of
from shared.settings import ServiceSettings
from shared.telemetry import Metrics
from tests.fakes.chat_service import settings
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.event_bus import FakeEventBus
from tests.fakes.example_events import conversation_created
from tests.fakes.faults import aws_error
from tests.fakes.lambda_service import FakeContext, recorded, stream_event
from tests.fakes.sqs import FakeSqs

pytestmark = pytest.mark.usefixtures("logging_configured")
EVENT_ID = "evt_01KAV2S8K0Q6ZB4Y5W1T9M7N3E"


class World:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.dynamodb = FakeDynamoDb()
        self.bus = FakeEventBus()
        self.sqs = FakeSqs(self.clock)
        self.out = io.StringIO()
        self.function = RelayFunction(Environment("chat", settings, self.opened))

    @asynccontextmanager
    async def opened(self, _settings: ServiceSettings) -> AsyncIterator[Relay]:
        metrics = Metrics("chat", self.clock, self.out)
        yield Relay(
            self.dynamodb, self.bus, self.sqs, "t", "bus", "dead", self.clock,  # type: ignore[arg-type]
            min_sweep_age_s=60, metrics=metrics,
        )  # fmt: skip

    def commit(self, number: int = 1) -> list[Envelope]:
        envelopes = [conversation_created(self.clock) for _ in range(number)]
        rows = [outbox.write("t", envelope) for envelope in envelopes]
        asyncio.run(self.dynamodb.transact_write_items(TransactItems=rows))
        return envelopes

    def invoke_with_stream(self, *, pipe: bool = False, seconds: float = 30) -> None:
        event = stream_event(self.dynamodb.items("t"))
        self.function.on_stream(event["Records"] if pipe else event, FakeContext(seconds))  # type: ignore[arg-type]

    def sweep(self, seconds: float = 30) -> None:
        self.function.on_schedule({"detail-type": "Scheduled Event"}, FakeContext(seconds))  # type: ignore[arg-type]

    def waiting(self) -> list[str]:
        return [item["sk"]["S"] for item in self.dynamodb.items("t")]


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.function.close()


def ids(envelopes: list[Envelope]) -> list[str]:
    return sorted(envelope.id for envelope in envelopes)


@pytest.mark.parametrize("pipe", [True, False], ids=["from a pipe", "from an event source mapping"])
def test_inserted_rows_are_published_and_deleted(world: World, pipe: bool) -> None:
    envelopes = world.commit(25)
    world.invoke_with_stream(pipe=pipe)
    assert sorted(world.bus.ids()) == ids(envelopes)
    assert world.waiting() == []


def test_only_inserted_outbox_rows_are_read_from_a_recorded_event() -> None:
    """The event also has a row that is no event, and a deletion by the relay."""
    event = recorded("stream")
    (row,) = rows_of(event)
    assert (row.event_id, row.envelope_json) == (EVENT_ID, f'{{"id": "{EVENT_ID}"}}')
    assert rows_of(event["Records"]) == [row]


def test_a_record_repeated_within_one_event_is_read_once() -> None:
    event = recorded("stream")
    assert len(rows_of(event["Records"] * 3)) == 1


def test_a_record_without_its_image_is_left_to_the_sweep() -> None:
    event = recorded("stream")
    del event["Records"][0]["dynamodb"]["NewImage"]
    assert rows_of(event) == []


def test_a_record_delivered_twice_is_published_twice(world: World) -> None:
    """Consumers are idempotent, so the relay does not check first whether the row still exists."""
    (envelopes,) = world.commit()
    event = stream_event(world.dynamodb.items("t"))
    for _ in range(2):
        world.function.on_stream(event, FakeContext())  # type: ignore[arg-type]
    assert world.bus.ids() == [envelopes.id] * 2
    assert world.waiting() == []


def test_events_of_an_outage_are_published_by_a_later_sweep(world: World) -> None:
    world.bus.fail("put_events", aws_error("ServiceUnavailable"), times=99)
    envelopes = world.commit(3)
    with capture_logs():
        for _ in range(3):
            world.invoke_with_stream()
        assert (
            world.bus.calls.count("put_events") == 1
        )  # after the first call the relay knows that the bus is unavailable
        world.bus.clear_faults()
        world.clock.advance(61)
        world.sweep()
    assert sorted(world.bus.ids()) == ids(envelopes)
    assert world.waiting() == []


def test_a_row_that_could_not_be_deleted_is_published_again_by_a_sweep(world: World) -> None:
    (envelopes,) = world.commit()
    world.dynamodb.fail("batch_write_item", aws_error("ThrottlingException"))
    with capture_logs():
        world.invoke_with_stream()
    assert world.waiting() == [envelopes.id]
    world.clock.advance(61)
    world.sweep()
    assert (world.bus.ids(), world.waiting()) == ([envelopes.id] * 2, [])


def test_an_event_that_the_bus_refuses_is_dead_lettered_and_delays_no_other(world: World) -> None:
    bad, good = world.commit(2)
    world.bus.refuse = lambda detail: "MalformedDetail" if detail["id"] == bad.id else None
    world.invoke_with_stream()
    assert (world.bus.ids(), world.waiting()) == ([good.id], [])
    assert world.sqs.attributes("dead") == [{"reason": f"{bad.id}: MalformedDetail", "origin": "bus"}]


def test_a_sweep_skips_rows_younger_than_a_minute(world: World) -> None:
    world.commit()
    world.clock.advance(59)
    world.sweep()
    assert world.bus.ids() == []
    world.clock.advance(2)
    world.sweep()
    assert world.waiting() == []


def test_after_a_failed_query_the_next_sweep_publishes_the_rows(world: World) -> None:
    world.commit()
    world.clock.advance(61)
    world.dynamodb.fail("query", aws_error("ThrottlingException"))
    with capture_logs() as lines:
        world.sweep()
        world.clock.advance(60)
        world.sweep()
    assert [line["event"] for line in lines] == ["outbox.sweep_failed"]
    assert world.waiting() == []


def test_an_invocation_without_time_publishes_nothing_and_keeps_the_rows(world: World) -> None:
    (envelopes,) = world.commit()
    world.clock.advance(61)
    with capture_logs() as lines:
        world.sweep(seconds=0)
    assert [line["event"] for line in lines] == ["relay.timed_out"]
    assert world.waiting() == [envelopes.id]


def test_published_events_are_counted_with_every_invocation(world: World) -> None:
    world.commit(3)
    world.invoke_with_stream()
    (line,) = (json.loads(line) for line in world.out.getvalue().splitlines())
    assert (line["service"], line["EventsPublished"]) == ("chat", 3)


@hypothesis_settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 5), st.sampled_from(["delivered", "lost", "refused", "twice"])), max_size=8))
def test_every_event_is_published_despite_lost_and_repeated_records_and_bus_errors(
    commits: list[tuple[int, str]],
) -> None:
    world = World()
    envelopes: list[Envelope] = []
    try:
        with capture_logs():
            for number, fault in commits:
                envelopes += world.commit(number)
                if fault == "refused":
                    world.bus.fail("put_events", aws_error("ServiceUnavailable"))
                for _ in range({"lost": 0, "twice": 2}.get(fault, 1)):
                    world.invoke_with_stream()
                world.clock.advance(31)
            world.bus.clear_faults()
            world.clock.advance(61)
            world.sweep()
    finally:
        world.function.close()
    assert sorted(set(world.bus.ids())) == ids(envelopes)
    assert world.waiting() == []
