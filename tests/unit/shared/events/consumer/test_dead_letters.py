"""A message that cannot be handled is kept with its reason, for any characters in the reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from shared.events.consumer.dead_letters import DeadLetters
from tests.fakes.clock import FakeClock
from tests.fakes.faults import aws_error
from tests.fakes.sqs import FakeSqs

DEAD = "dead"


class FakeSender:
    """Records the requests of `send_message`."""

    def __init__(self) -> None:
        self.requests: list[dict[str, object]] = []

    async def send_message(self, **request: object) -> None:
        self.requests.append(request)


async def test_a_dead_letter_has_the_unchanged_body_the_reason_and_the_origin() -> None:
    sent = FakeSender()
    await DeadLetters(sent, DEAD).add('{"a":  1}', reason="Envelope: id: missing", origin="bus")  # type: ignore[arg-type]
    assert sent.requests == [
        {
            "QueueUrl": DEAD,
            "MessageBody": '{"a":  1}',
            "MessageAttributes": {
                "reason": {"DataType": "String", "StringValue": "Envelope: id: missing"},
                "origin": {"DataType": "String", "StringValue": "bus"},
            },
        }
    ]


async def test_a_dead_letter_keeps_the_attributes_of_its_message() -> None:
    sqs = FakeSqs(FakeClock())
    kept = {"type": "chat.turn.run", "renewed": "3", "reason": "an earlier reason", "origin": "bus"}
    await DeadLetters(sqs, DEAD).add("m", reason="poison", origin="queue", attributes=kept)  # type: ignore[arg-type]
    stored = {"type": "chat.turn.run", "renewed": "3", "reason": "poison", "origin": "queue"}
    assert sqs.attributes(DEAD) == [stored]


async def test_a_dead_letter_has_at_most_ten_attributes_including_its_type() -> None:
    sqs = FakeSqs(FakeClock())
    many = {f"a{number}": "x" for number in range(9)} | {"type": "chat.turn.run"}
    await DeadLetters(sqs, DEAD).add("m", reason="poison", origin="queue", attributes=many)  # type: ignore[arg-type]
    (stored,) = sqs.attributes(DEAD)
    assert len(stored) == 10
    assert {"type", "reason", "origin"} <= stored.keys()


async def test_the_log_line_has_the_reason_and_not_the_message() -> None:
    with capture_logs() as lines:
        await DeadLetters(FakeSender(), DEAD).add("a secret", reason="poison", origin="queue")  # type: ignore[arg-type]
    assert lines == [{"event": "message.dead_lettered", "reason": "poison", "origin": "queue", "log_level": "warning"}]


@pytest.mark.parametrize(
    ("reason", "sent"),
    [
        ("", "unknown"),
        ("two\nlines\x00", "two lines "),
        ("x" * 256, "x" * 256),
        ("x" * 257, "x" * 256),
        ("größer 한", "größer 한"),
    ],
)
async def test_a_reason_is_cut_and_has_only_characters_that_sqs_accepts(reason: str, sent: str) -> None:
    sqs = FakeSqs(FakeClock())
    await DeadLetters(sqs, DEAD).add("m", reason=reason, origin="queue")  # type: ignore[arg-type]
    assert sqs.attributes(DEAD)[0]["reason"] == sent


@given(st.text())
async def test_any_reason_is_accepted(reason: str) -> None:
    sqs = FakeSqs(FakeClock())
    assert await DeadLetters(sqs, DEAD).try_add("m", reason=reason, origin="queue")  # type: ignore[arg-type]
    kept = sqs.attributes(DEAD)[0]["reason"]
    assert 1 <= len(kept) <= 256
    assert kept.isprintable()


async def test_try_add_returns_false_if_the_queue_fails() -> None:
    sqs = FakeSqs(FakeClock())
    sqs.fail("send_message", aws_error("ServiceUnavailable"))
    letters = DeadLetters(sqs, DEAD)  # type: ignore[arg-type]
    with capture_logs() as lines:
        assert not await letters.try_add("m", reason="poison", origin="queue")
    assert [(line["event"], line["error"]) for line in lines] == [("message.dead_letter_failed", "ServiceUnavailable")]
    assert await letters.try_add("m", reason="poison", origin="queue")
