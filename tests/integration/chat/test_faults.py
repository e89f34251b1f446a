"""When the model or a process fails, the user sees why, can try again, and has written nothing twice."""

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
def impatient(chat_system: System, start_chat: StartProcess) -> Person:
    """Somebody whose chat asks a model only once."""
    return Person(start_chat(model_rounds="1").url, chat_system.token("user@example.com"))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_model_is_told_and_the_message_is_there_once(impatient: Person, fault: str) -> None:
    person = impatient
    slug, retryable = FAULTS[fault]
    conversation = person.open_conversation()
    events = list(person.ask(conversation, f"Trouble [[{fault} gap=5 tokens=20 times=1]]"))
    _, event, told = events[-1]
    assert event == "turn.failed"
    assert (told["type"], told["retryable"]) == (f"/problems/{slug}", retryable)
    question, answer = person.messages(conversation)
    assert (answer["status"], answer["error"]["type"]) == ("failed", f"/problems/{slug}")
    assert "".join(block["text"] for block in answer["content"]) == text_of(events)

    again = list(person.stream("POST", f"{_messages(conversation)}/{question['id']}/turns", {}))
    assert again[-1][1] == "turn.completed"
    tree = person.messages(conversation)
    assert [message["role"] for message in tree] == ["user", "assistant", "assistant"]
    assert {message["parent_id"] for message in tree[1:]} == {question["id"]}


def test_a_silent_model_is_hung_up_on(start_chat: StartProcess, person: Person) -> None:
    impatient = person.at(start_chat(first_token_s="1", silence_s="1").url)
    conversation = person.open_conversation()
    events = list(impatient.ask(conversation, "Hush [[fault=silence after=5 gap=5 tokens=20]]"))
    assert events[-1][2]["type"] == "/problems/model-silent"
    assert text_of(events)


def test_a_turn_that_takes_too_long_ends(start_chat: StartProcess, person: Person) -> None:
    hurried = person.at(start_chat(turn_deadline_s="1.5").url)
    events = list(hurried.ask(person.open_conversation(), "On and on [[ttft=50 gap=50 tokens=400]]"))
    assert events[-1][2]["type"] == "/problems/turn-timed-out"


@pytest.mark.parametrize("fault", ["throttled", "unavailable", "not-ready"])
def test_trouble_before_the_first_word_is_tried_again_without_a_word(person: Person, fault: str) -> None:
    events = list(person.ask(person.open_conversation(), f"Trouble {fault} [[fault={fault} tokens=5 times=1]]"))
    assert events[-1][1] == "turn.completed"


def test_writing_under_an_answer_that_is_being_written_is_refused(person: Person) -> None:
    conversation = person.open_conversation()
    stream = person.ask(conversation, "Long [[ttft=50 gap=50 tokens=400]]")
    turn_id = next(stream)[2]["turn_id"]
    answer = person.call("POST", _messages(conversation), {"content": [{"type": "text", "text": "And?"}]})
    assert (answer.status, answer.problem) == (409, "turn-in-progress")
    person.call("POST", f"/api/chat/turns/{turn_id}/cancel")
    assert eventually(lambda: person.turn(turn_id)["state"] == "cancelled")


def _messages(conversation: str) -> str:
    return f"/api/chat/conversations/{conversation}/messages"
