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


async def fates(bus: FakeEventBus, sent: list[Row]) -> dict[str, tuple[EntryStatus, str]]:
    verdicts = await Bus(bus, "the-bus").put(sent)  # type: ignore[arg-type]
    assert sorted(row.event_id for row, _ in verdicts) == sorted(row.event_id for row in sent)
    return {row.event_id: (verdict.status, verdict.reason) for row, verdict in verdicts}


async def test_the_envelope_goes_on_the_bus_unchanged() -> None:
    bus = FakeEventBus()
    envelope = conversation_created(FakeClock())
    assert await fates(bus, [Row.from_envelope(envelope)]) == {envelope.id: (EntryStatus.PUBLISHED, "")}
    assert bus.published == [envelope.model_dump(mode="json")]


async def test_an_entry_names_its_bus_and_the_time_of_its_event() -> None:
    """Without its name an entry would go to the account's default bus, and be gone."""
    bus = FakeEventBus()
    envelope = conversation_created(FakeClock())
    await fates(bus, [Row.from_envelope(envelope)])
    assert bus.addressed == [("the-bus", envelope.time)]


async def test_a_call_takes_ten_entries() -> None:
    bus = FakeEventBus()
    await fates(bus, rows(23))
    assert bus.batches == [10, 10, 3]


async def test_a_call_takes_256_kilobytes() -> None:
    bus = FakeEventBus()
    sent = [padded(MAX_BYTES // 2), padded(MAX_BYTES // 2), padded(400)]
    assert {status for status, _ in (await fates(bus, sent)).values()} == {EntryStatus.PUBLISHED}
    assert bus.batches == [2, 1]


async def test_an_entry_above_256_kilobytes_is_refused_without_asking_and_the_others_pass() -> None:
    bus = FakeEventBus()
    largest, too_large = padded(MAX_BYTES), padded(MAX_BYTES + 1)
    found = await fates(bus, [largest, too_large])
    assert found[largest.event_id][0] is EntryStatus.PUBLISHED
    assert found[too_large.event_id] == (EntryStatus.REFUSED, "262145 bytes, the bus takes 262144")


@pytest.mark.parametrize("envelope_json", ["", "not json", "{}", '{"source": "s", "type": "t", "time": "the secret"}'])
async def test_a_row_that_cannot_be_read_is_refused(envelope_json: str) -> None:
    assert await fates(FakeEventBus(), [Row("evt_1", envelope_json)]) == {
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
async def test_a_200_answer_is_read_entry_by_entry(code: str, status: EntryStatus) -> None:
    bus = FakeEventBus()
    good, bad, also_good = sent = rows(3)
    bus.refuse = lambda detail: code if detail["id"] == bad.event_id else None
    found = await fates(bus, sent)
    assert found[bad.event_id] == (status, code)
    assert found[good.event_id][0] is found[also_good.event_id][0] is EntryStatus.PUBLISHED


async def test_when_the_bus_refuses_a_whole_call_the_guilty_entry_is_found_and_the_others_pass() -> None:
    class Picky(FakeEventBus):
        async def put_events(self, *, Entries: list[dict[str, str]]) -> dict[str, object]:  # type: ignore[override]  # noqa: N803
            if any(guilty.event_id in entry["Detail"] for entry in Entries):
                raise aws_error("ValidationException")
            return await super().put_events(Entries=Entries)

    sent = rows(10)
    guilty = sent[6]
    bus = Picky()
    found = await fates(bus, sent)
    assert found.pop(guilty.event_id) == (EntryStatus.REFUSED, "ValidationException")
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
async def test_a_bus_that_is_unavailable_has_refused_no_entry(error: Exception) -> None:
    bus = FakeEventBus()
    bus.fail("put_events", error)
    assert {status for status, _ in (await fates(bus, rows(3))).values()} == {EntryStatus.BUS_UNAVAILABLE}
