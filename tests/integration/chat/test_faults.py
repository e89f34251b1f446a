"""Faults of the model: the turn fails with a problem, can be repeated, and no message is stored twice."""

import pytest

from tests.clients import Person, text_of
from tests.polling import eventually
from tests.system import StartProcess, System

FAULTS = {
    "fault=throttled": ("model-throttled", True),
    "fault=denied": ("model-access-denied", False),
    "fault=invalid": ("model-refused-request", False),
    "fault=too-long": ("context-too-long", False),
    "fault=unavailable": ("model-unavailable", True),
    "fault=reset after=5": ("model-stream-broken", True),
    "fault=malformed after=5": ("model-stream-broken", True),
    "fault=stream-throttled after=5": ("model-throttled", True),
}


@pytest.fixture(scope="module")
def without_retries(chat_system: System, start_chat: StartProcess) -> Person:
    """A person whose chat process does not retry model calls."""
    return Person(start_chat(model_rounds="1").url, chat_system.token("user@example.com"))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_model_fault_fails_the_turn_and_the_message_is_stored_once(without_retries: Person, fault: str) -> None:
    person = without_retries
    slug, retryable = FAULTS[fault]
    conversation = person.open_conversation()
    events = list(person.ask(conversation, f"Trouble [[{fault} gap=5 tokens=20 times=1]]"))
    _, event, data = events[-1]
    assert event == "turn.failed"
    assert (data["type"], data["retryable"]) == (f"/problems/{slug}", retryable)
    question, answer = person.messages(conversation)
    assert (answer["status"], answer["error"]["type"]) == ("failed", f"/problems/{slug}")
    assert "".join(block["text"] for block in answer["content"]) == text_of(events)

    again = list(person.stream("POST", f"{_messages(conversation)}/{question['id']}/turns", {}))
    assert again[-1][1] == "turn.completed"
    tree = person.messages(conversation)
    assert [message["role"] for message in tree] == ["user", "assistant", "assistant"]
    assert {message["parent_id"] for message in tree[1:]} == {question["id"]}


def test_a_silent_model_fails_the_turn(start_chat: StartProcess, person: Person) -> None:
    other = person.at(start_chat(first_token_s="1", silence_s="1").url)
    conversation = person.open_conversation()
    events = list(other.ask(conversation, "Hush [[fault=silence after=5 gap=5 tokens=20]]"))
    assert events[-1][2]["type"] == "/problems/model-silent"
    assert text_of(events)


def test_a_turn_beyond_its_deadline_fails(start_chat: StartProcess, person: Person) -> None:
    other = person.at(start_chat(turn_deadline_s="1.5").url)
    events = list(other.ask(person.open_conversation(), "On and on [[ttft=50 gap=50 tokens=400]]"))
    assert events[-1][2]["type"] == "/problems/turn-timed-out"


@pytest.mark.parametrize("fault", ["throttled", "unavailable", "not-ready"])
def test_a_fault_before_the_first_token_is_retried_unnoticed(person: Person, fault: str) -> None:
    events = list(person.ask(person.open_conversation(), f"Trouble {fault} [[fault={fault} tokens=5 times=1]]"))
    assert events[-1][1] == "turn.completed"


def test_a_message_during_a_running_turn_is_refused(person: Person) -> None:
    conversation = person.open_conversation()
    stream = person.ask(conversation, "Long [[ttft=50 gap=50 tokens=400]]")
    turn_id = next(stream)[2]["turn_id"]
    answer = person.call("POST", _messages(conversation), {"content": [{"type": "text", "text": "And?"}]})
    assert (answer.status, answer.problem) == (409, "turn-in-progress")
    person.call("POST", f"/api/chat/turns/{turn_id}/cancel")
    assert eventually(lambda: person.turn(turn_id)["state"] == "cancelled")


def _messages(conversation: str) -> str:
    return f"/api/chat/conversations/{conversation}/messages"
