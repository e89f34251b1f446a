"""The relay: it publishes the rows that commits wrote, and deletes them."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from shared.events.envelope import Envelope
from shared.events.outbox import rows as outbox
from shared.events.outbox.relay import SWEEP_EVERY_S, Relay
from shared.telemetry import Metrics
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import MAX_PAGE_BYTES, FakeDynamoDb
from tests.fakes.event_bus import FakeEventBus
from tests.fakes.example_events import conversation_created
from tests.fakes.faults import aws_error
from tests.fakes.sqs import FakeSqs
from tests.polling import until_true

DEAD = "dead"


class StillClock(FakeClock):
    """Sleeping never ends, so that no sweep comes after the first: what is published later was notified."""

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.Event().wait()


class World:
    def __init__(self, clock: FakeClock | None = None) -> None:
        self.clock = clock or FakeClock()
        self.dynamodb = FakeDynamoDb()
        self.bus = FakeEventBus()
        self.sqs = FakeSqs(self.clock)
        self.written = io.StringIO()
        self.relay = self.another_relay()

    def another_relay(self) -> Relay:
        metrics = Metrics("chat", self.clock, self.written)
        return Relay(self.dynamodb, self.bus, self.sqs, "t", "the-bus", DEAD, self.clock, metrics=metrics)  # type: ignore[arg-type]

    def metrics(self) -> dict[str, tuple[float, str]]:
        """What was written by now: value and unit, of the last line."""
        self.relay.flush_metrics()
        line = json.loads(self.written.getvalue().splitlines()[-1])
        units = {each["Name"]: each["Unit"] for each in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
        return {name: (line[name], unit) for name, unit in units.items()}

    async def commit(self, number: int = 1) -> list[Envelope]:
        envelopes = [conversation_created(self.clock) for _ in range(number)]
        for envelope in envelopes:
            await self.dynamodb.transact_write_items(TransactItems=[outbox.write("t", envelope)])
        return envelopes

    async def commit_earlier(self, number: int = 1) -> list[Envelope]:
        envelopes = await self.commit(number)
        self.clock.advance(1.1)
        return envelopes

    def waiting(self) -> list[str]:
        return [item["sk"]["S"] for item in self.dynamodb.items("t")]

    @asynccontextmanager
    async def relaying(self) -> AsyncIterator[asyncio.Event]:
        stop = asyncio.Event()
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            group.create_task(self.relay.run(stop))
            await asyncio.sleep(0)
            try:
                yield stop
            finally:
                stop.set()


@pytest.fixture
def world() -> World:
    return World()


def ids(envelopes: list[Envelope]) -> list[str]:
    return sorted(envelope.id for envelope in envelopes)


async def test_notified_events_are_published_at_once_and_their_rows_deleted() -> None:
    world = World(StillClock())
    async with world.relaying():
        await until_true(lambda: world.clock.slept)  # the first sweep is over
        reads = world.dynamodb.calls.count("query")
        envelopes = await world.commit(3)
        world.relay.notify(envelopes)
        await until_true(lambda: not world.waiting())
    assert sorted(world.bus.ids()) == ids(envelopes)
    assert world.dynamodb.calls.count("query") == reads


async def test_events_without_a_notification_are_published_by_the_first_sweep(world: World) -> None:
    envelopes = await world.commit_earlier(5)
    async with world.relaying():
        await until_true(lambda: not world.waiting())
    assert sorted(world.bus.ids()) == ids(envelopes)


async def test_sweeps_are_two_seconds_apart(world: World) -> None:
    async with world.relaying():
        await until_true(lambda: len(world.clock.slept) > 3)
    assert set(world.clock.slept) == {SWEEP_EVERY_S}


async def test_a_sweep_skips_rows_younger_than_a_second(world: World) -> None:
    await world.commit()
    await world.relay.sweep()
    assert world.bus.published == []
    world.clock.advance(1)
    await world.relay.sweep()
    assert world.waiting() == []


async def test_a_row_from_a_process_whose_clock_is_ahead_is_published_nonetheless(world: World) -> None:
    world.clock.advance(3600)
    await world.commit()
    world.clock.advance(-3600)
    await world.relay.sweep()
    assert world.waiting() == []


async def test_an_entry_that_the_bus_refuses_is_dead_lettered_and_delays_no_other(world: World) -> None:
    envelopes = await world.commit_earlier(30)
    world.bus.refuse = lambda detail: "MalformedDetail" if detail["id"] == envelopes[7].id else None
    await world.relay.sweep()
    assert world.waiting() == []
    assert len(world.bus.published) == 29
    assert [Envelope.model_validate_json(body) for body in world.sqs.bodies(DEAD)] == [envelopes[7]]
    assert world.sqs.attributes(DEAD) == [{"reason": f"{envelopes[7].id}: MalformedDetail", "origin": "bus"}]


async def test_an_unreadable_row_is_dead_lettered(world: World) -> None:
    await world.dynamodb.put_item(TableName="t", Item=outbox.key("evt_broken"))
    await world.relay.sweep()
    assert world.waiting() == []
    assert world.sqs.attributes(DEAD) == [{"reason": "evt_broken: unreadable outbox row", "origin": "bus"}]


async def test_a_refused_entry_is_kept_until_it_is_dead_lettered(world: World) -> None:
    envelopes = await world.commit_earlier()
    world.bus.refuse = lambda _detail: "MalformedDetail"
    world.sqs.fail("send_message", aws_error("ServiceUnavailable"))
    assert await world.relay.sweep() == 1
    assert world.waiting() == ids(envelopes)
    world.clock.advance(2)
    assert await world.relay.sweep() == 0
    assert len(world.sqs.bodies(DEAD)) == 1


async def test_a_failed_entry_is_retried_with_growing_pauses_while_others_are_published(world: World) -> None:
    (bad,) = await world.commit_earlier()
    world.bus.refuse = lambda detail: "InternalFailure" if detail["id"] == bad.id else None
    attempts = []
    for second in range(60):
        (other,) = await world.commit_earlier()
        before = world.bus.calls.count("put_events")
        await world.relay.sweep()
        assert other.id in world.bus.ids()
        if world.bus.calls.count("put_events") > before + 1:
            attempts.append(second)
        elif outbox.shard_of(bad.id) == outbox.shard_of(other.id):
            continue  # both were sent in one call, if the bad one was sent
    assert world.waiting() == [bad.id]
    assert len(attempts) < 12
    world.bus.refuse = lambda _detail: None
    world.clock.advance(60)
    await world.relay.sweep()
    assert world.waiting() == []


async def test_while_the_bus_is_unavailable_each_sweep_makes_one_call_and_the_pauses_grow(world: World) -> None:
    world.dynamodb.page_bytes = MAX_PAGE_BYTES
    await world.commit_earlier(40)
    world.bus.fail("put_events", aws_error("ServiceUnavailable"), times=4)
    async with world.relaying():
        await until_true(lambda: not world.waiting())
    assert world.bus.calls.count("put_events") <= 4 + 8 * 2
    pauses = world.clock.slept[:4]
    assert pauses == sorted(pauses)
    assert pauses[-1] >= 8


async def test_after_a_long_outage_everything_is_published_page_by_page(world: World) -> None:
    world.dynamodb.page_bytes = MAX_PAGE_BYTES
    envelopes = await world.commit_earlier(1300)
    await world.relay.sweep()
    assert sorted(world.bus.ids()) == ids(envelopes)
    assert world.waiting() == []
    assert world.dynamodb.calls.count("query") == 8  # a page of each shard


async def test_all_pages_of_a_shard_are_published(world: World) -> None:
    envelopes = await world.commit_earlier(60)
    world.dynamodb.page_items = 2
    assert await world.relay.sweep() == 0
    assert sorted(world.bus.ids()) == ids(envelopes)
    assert world.waiting() == []


async def test_a_sweep_returns_how_many_rows_are_left(world: World) -> None:
    await world.commit_earlier(30)
    world.bus.fail("put_events", aws_error("ServiceUnavailable"))
    left = await world.relay.sweep()
    assert 0 < left <= 30
    assert len(world.waiting()) == 30


async def test_published_refused_and_waiting_events_are_counted_by_the_documented_names(world: World) -> None:
    """`docs/operations.md` documents these names, and alarms use them."""
    envelopes = await world.commit(12)
    world.bus.refuse = lambda detail: "MalformedDetail" if detail["id"] == envelopes[0].id else None
    world.clock.advance(90)
    await world.relay.sweep()
    assert world.metrics() == {
        "EventsPublished": (11, "Count"),
        "EventsRefused": (1, "Count"),
        "OutboxBacklog": (12, "Count"),
        "OutboxAge": (90_000, "Milliseconds"),
    }


async def test_no_event_notified_during_an_outage_is_lost(world: World) -> None:
    world.dynamodb.page_bytes = MAX_PAGE_BYTES
    world.bus.fail("put_events", aws_error("ServiceUnavailable"), times=2)
    async with world.relaying():
        for _ in range(20):
            world.relay.notify(await world.commit(200))
            await asyncio.sleep(0)
        await until_true(lambda: not world.waiting(), deadline_s=8)
    assert len(set(world.bus.ids())) == 4000


async def test_concurrent_relays_publish_every_event(world: World) -> None:
    envelopes = await world.commit_earlier(50)
    others = [world.another_relay() for _ in range(3)]
    await asyncio.gather(*(relay.sweep() for relay in [world.relay, *others]))
    assert sorted(set(world.bus.ids())) == ids(envelopes)
    assert world.waiting() == []


async def test_a_row_whose_deletion_failed_is_published_again(world: World) -> None:
    world.dynamodb.fail("batch_write_item", aws_error("ThrottlingException"))
    envelopes = await world.commit_earlier()
    async with world.relaying():
        await until_true(lambda: not world.waiting())
    assert world.bus.ids() == [envelopes[0].id] * 2


async def test_a_failed_query_does_not_end_the_relay(world: World) -> None:
    envelopes = await world.commit_earlier()
    world.dynamodb.fail("query", aws_error("ServiceUnavailable"), times=3)
    async with world.relaying():
        await until_true(lambda: not world.waiting())
    assert world.bus.ids() == ids(envelopes)


async def test_events_that_were_queued_before_stop_are_still_published() -> None:
    world = World(StillClock())
    async with world.relaying() as stop:
        envelopes = await world.commit(25)
        world.relay.notify(envelopes)
        stop.set()
    assert sorted(world.bus.ids()) == ids(envelopes)
