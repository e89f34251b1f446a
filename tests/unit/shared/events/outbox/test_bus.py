"""Rows are published to the bus, with one result each."""

import json

import pytest
from botocore.exceptions import EndpointConnectionError

from shared.events.outbox.bus import MAX_BYTES, Bus, EntryStatus, Row
from tests.fakes.clock import FakeClock
from tests.fakes.event_bus import FakeEventBus
from tests.fakes.example_events import conversation_created
from tests.fakes.faults import aws_error


def rows(number: int) -> list[Row]:
    return [Row.from_envelope(conversation_created(FakeClock())) for _ in range(number)]


def padded(size: int) -> Row:
    """A row whose whole entry has `size` bytes."""
    envelope = conversation_created(FakeClock()).model_dump(mode="json") | {"pad": ""}
    empty = len(json.dumps(envelope)) + len(envelope["source"]) + len(envelope["type"]) + 14
    return Row(envelope["id"], json.dumps(envelope | {"pad": "x" * (size - empty)}))


async def put(bus: FakeEventBus, sent: list[Row]) -> dict[str, tuple[EntryStatus, str]]:
    results = await Bus(bus, "the-bus").put(sent)  # type: ignore[arg-type]
    assert sorted(row.event_id for row, _ in results) == sorted(row.event_id for row in sent)
    return {row.event_id: (result.status, result.reason) for row, result in results}


async def test_the_envelope_is_published_unchanged() -> None:
    bus = FakeEventBus()
    envelope = conversation_created(FakeClock())
    assert await put(bus, [Row.from_envelope(envelope)]) == {envelope.id: (EntryStatus.PUBLISHED, "")}
    assert bus.published == [envelope.model_dump(mode="json")]


async def test_an_entry_names_its_bus_and_the_time_of_its_event() -> None:
    """An entry without a bus name would go to the default bus of the account and be lost."""
    bus = FakeEventBus()
    envelope = conversation_created(FakeClock())
    await put(bus, [Row.from_envelope(envelope)])
    assert bus.addressed == [("the-bus", envelope.time)]


async def test_a_call_has_at_most_ten_entries() -> None:
    bus = FakeEventBus()
    await put(bus, rows(23))
    assert bus.batches == [10, 10, 3]


async def test_a_call_has_at_most_256_kilobytes() -> None:
    bus = FakeEventBus()
    sent = [padded(MAX_BYTES // 2), padded(MAX_BYTES // 2), padded(400)]
    assert {status for status, _ in (await put(bus, sent)).values()} == {EntryStatus.PUBLISHED}
    assert bus.batches == [2, 1]


async def test_an_entry_above_256_kilobytes_is_refused_and_the_others_are_published() -> None:
    bus = FakeEventBus()
    largest, too_large = padded(MAX_BYTES), padded(MAX_BYTES + 1)
    found = await put(bus, [largest, too_large])
    assert found[largest.event_id][0] is EntryStatus.PUBLISHED
    assert found[too_large.event_id] == (EntryStatus.REFUSED, "262145 bytes, the bus takes 262144")


@pytest.mark.parametrize("envelope_json", ["", "not json", "{}", '{"source": "s", "type": "t", "time": "the secret"}'])
async def test_a_row_that_cannot_be_read_is_refused(envelope_json: str) -> None:
    assert await put(FakeEventBus(), [Row("evt_1", envelope_json)]) == {
        "evt_1": (EntryStatus.REFUSED, "unreadable outbox row")
    }


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("MalformedDetail", EntryStatus.REFUSED),
        ("NotAuthorizedForSourceException", EntryStatus.REFUSED),
        ("ThrottlingException", EntryStatus.FAILED),
        ("InternalFailure", EntryStatus.FAILED),
        ("SomethingNew", EntryStatus.FAILED),
    ],
)
async def test_a_200_response_is_read_entry_by_entry(code: str, status: EntryStatus) -> None:
    bus = FakeEventBus()
    good, bad, also_good = sent = rows(3)
    bus.refuse = lambda detail: code if detail["id"] == bad.event_id else None
    found = await put(bus, sent)
    assert found[bad.event_id] == (status, code)
    assert found[good.event_id][0] is found[also_good.event_id][0] is EntryStatus.PUBLISHED


async def test_if_the_bus_refuses_a_whole_call_only_the_invalid_entry_is_refused() -> None:
    class RefusingBus(FakeEventBus):
        async def put_events(self, *, Entries: list[dict[str, str]]) -> dict[str, object]:  # type: ignore[override]  # noqa: N803
            if any(bad.event_id in entry["Detail"] for entry in Entries):
                raise aws_error("ValidationException")
            return await super().put_events(Entries=Entries)

    sent = rows(10)
    bad = sent[6]
    bus = RefusingBus()
    found = await put(bus, sent)
    assert found.pop(bad.event_id) == (EntryStatus.REFUSED, "ValidationException")
    assert {status for status, _ in found.values()} == {EntryStatus.PUBLISHED}
    assert len(set(bus.ids())) == 9


@pytest.mark.parametrize(
    "error",
    [
        aws_error("ResourceNotFoundException"),
        aws_error("ThrottlingException"),
        EndpointConnectionError(endpoint_url="x"),
    ],
)
async def test_while_the_bus_is_unavailable_no_entry_is_refused(error: Exception) -> None:
    bus = FakeEventBus()
    bus.fail("put_events", error)
    assert {status for status, _ in (await put(bus, rows(3))).values()} == {EntryStatus.BUS_UNAVAILABLE}
