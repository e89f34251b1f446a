"""DeadLetter: the fields that an operator sees, without any content."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from infra.dlq.dead_letter import RECEIVED_TOO_OFTEN, DeadLetter


def letter(body: str, **attributes: str) -> DeadLetter:
    received: dict[str, Any] = {
        "MessageId": "message-1",
        "Body": body,
        "Attributes": {"SentTimestamp": "1000000"},
        "MessageAttributes": {name: {"StringValue": value} for name, value in attributes.items()},
    }
    return DeadLetter.of(received, now_s=1060)


def test_an_event_is_shown_by_its_id_and_type() -> None:
    body = json.dumps({"detail": {"id": "evt_1", "type": "chat.turn.started", "data": {"title": "secret"}}})
    assert letter(body, reason="why", origin="queue") == DeadLetter("evt_1", "chat.turn.started", "why", "queue", 60)


def test_an_unpublished_event_is_shown_with_the_origin_bus() -> None:
    body = json.dumps({"id": "evt_1", "type": "chat.turn.started"})
    assert letter(body, reason="evt_1: MalformedDetail", origin="bus").origin == "bus"


def test_a_command_without_a_type_shows_its_id_but_no_input() -> None:
    shown = letter(json.dumps({"turn_id": "turn_1", "call_id": "call_1", "input": {"expression": "secret"}}))
    assert shown == DeadLetter("call_1", "command", RECEIVED_TOO_OFTEN, "queue", 60)


def test_a_command_with_a_valid_type_shows_the_type() -> None:
    assert letter('{"turn_id": "turn_1", "since": 1}', type="chat.turn.run").type == "chat.turn.run"
    assert letter('{"turn_id": "turn_1"}', type="words that are no type").type == "command"


def test_a_message_that_a_rule_could_not_deliver_shows_the_error_code() -> None:
    assert letter("{}", ERROR_CODE="NO_PERMISSIONS").reason == "NO_PERMISSIONS"


@given(
    st.text()
    | st.recursive(
        st.none() | st.integers() | st.text(),
        lambda s: st.lists(s) | st.dictionaries(st.sampled_from(["detail", "type", "id", "call_id", "turn_id"]), s),
    ).map(json.dumps)
)
def test_any_body_is_shown_without_spaces_or_line_breaks(body: str) -> None:
    shown = letter(body)
    assert all(each.isprintable() and " " not in each for each in (shown.id, shown.type))
