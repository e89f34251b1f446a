"""The outbox row: an event, written in the transaction of its change."""

import pytest

from shared.events.envelope import Envelope
from shared.events.outbox import rows as outbox
from tests.fakes.clock import FakeClock
from tests.fakes.example_events import conversation_created


def test_a_row_is_a_put_that_contains_the_whole_envelope() -> None:
    envelope = conversation_created(FakeClock())
    put = outbox.write("chat", envelope)["Put"]
    assert put["TableName"] == "chat"
    assert put["Item"]["pk"]["S"] == f"OUTBOX#{outbox.shard_of(envelope.id)}"
    assert put["Item"]["sk"]["S"] == envelope.id
    assert put["Item"]["v"]["N"] == "1"
    assert Envelope.model_validate_json(put["Item"]["envelope"]["S"]) == envelope


def test_an_event_keeps_its_shard_in_every_process_and_release() -> None:
    assert outbox.shard_of("evt_01KB0V4M9W5Y3T7Q2N8R6J1XCD") == 3


def test_events_spread_over_all_shards() -> None:
    clock = FakeClock()
    assert {outbox.shard_of(conversation_created(clock).id) for _ in range(400)} == set(range(outbox.SHARDS))


def test_an_event_too_large_for_the_bus_is_refused_before_it_is_written() -> None:
    envelope = conversation_created(FakeClock()).model_copy(update={"data": {"many": ["x" * 1000] * 300}})
    with pytest.raises(outbox.EnvelopeTooLargeError):
        outbox.write("chat", envelope)
