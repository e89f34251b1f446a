"""Durable streams: every reader gets the same frames, from any position and in any process."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.clients import Event, Person, text_of
from tests.system import StartProcess

QUESTION = "Tell me about the hut [[ttft=100 gap=20 tokens=40]]"


def test_a_stream_starts_with_the_turn_and_ends_with_usage_and_completion(person: Person) -> None:
    events = list(person.ask(person.open_conversation(), QUESTION))
    names = [event for _, event, _ in events]
    assert names[0] == "turn.started"
    assert names[-2:] == ["usage", "turn.completed"]
    assert set(names) == {"turn.started", "conversation.renamed", "message.delta", "usage", "turn.completed"}
    assert [position for position, _, _ in events] == list(range(1, len(events) + 1))


def test_the_stored_message_has_the_text_of_the_frames(person: Person) -> None:
    conversation = person.open_conversation()
    events = list(person.ask(conversation, QUESTION))
    question, answer = person.messages(conversation)
    assert question["content"] == [{"type": "text", "text": QUESTION}]
    assert answer["parent_id"] == question["id"]
    assert answer["content"] == [{"type": "text", "text": text_of(events)}]
    assert answer["usage"] == dict(events[-2][2])


def test_reasoning_is_streamed_and_stored_separately_from_the_text(person: Person) -> None:
    conversation = person.open_conversation()
    events = list(person.ask(conversation, "Think [[reasoning=12 gap=5 tokens=8]]", reasoning=True))
    reasoning = "".join(data["text"] for _, event, data in events if event == "reasoning.delta")
    _, answer = person.messages(conversation)
    assert [block["type"] for block in answer["content"]] == ["reasoning", "text"]
    assert answer["content"][0]["text"] == reasoning
    assert answer["content"][1]["text"] == text_of(events)


def test_another_process_reads_the_same_frames_while_they_are_written(start_chat: StartProcess, person: Person) -> None:
    other = person.at(start_chat().url)
    stream = person.ask(person.open_conversation(), "Slowly [[ttft=50 gap=30 tokens=60]]")
    first = next(stream)
    turn_id = first[2]["turn_id"]
    with ThreadPoolExecutor() as threads:
        elsewhere = threads.submit(lambda: list(other.follow(turn_id)))
        here = [first, *stream]
        assert elsewhere.result() == here


def test_every_last_event_id_gives_exactly_the_remaining_frames(start_chat: StartProcess, person: Person) -> None:
    other = person.at(start_chat().url)
    whole = list(person.ask(person.open_conversation(), QUESTION))
    turn_id = whole[0][2]["turn_id"]
    for reader in (person, other):
        for position in range(len(whole)):
            assert list(reader.follow(turn_id, position)) == whole[position:], position


def test_a_reconnect_within_the_answer_loses_no_frame(person: Person) -> None:
    conversation = person.open_conversation()
    stream = person.ask(conversation, "Slowly [[ttft=50 gap=30 tokens=40]]")
    seen: list[Event] = [next(stream) for _ in range(6)]
    stream.close()
    (turn_id,) = person.call("GET", f"/api/chat/conversations/{conversation}").json["running_turns"]
    rest = list(person.follow(turn_id, seen[-1][0]))
    assert seen + rest == list(person.follow(turn_id))
    assert rest[-1][1] == "turn.completed"


def test_a_turn_without_a_client_completes(person: Person) -> None:
    conversation = person.open_conversation()
    turn_id = person.begin(conversation, "For later [[ttft=20 gap=5 tokens=10]]")
    assert list(person.follow(turn_id))[-1][1] == "turn.completed"
    assert person.turn(turn_id)["state"] == "completed"


def test_a_generated_title_does_not_replace_the_owners(person: Person) -> None:
    named = person.open_conversation(title="My own")
    events = list(person.ask(named, "Hello [[ttft=0 gap=0 tokens=5]]"))
    assert "conversation.renamed" not in [event for _, event, _ in events]
    assert person.call("GET", f"/api/chat/conversations/{named}").json["title"] == "My own"


def test_messages_form_branches_by_their_parent(person: Person) -> None:
    conversation = person.open_conversation()
    list(person.ask(conversation, "First", model="scripted.echo"))
    first, answer = person.messages(conversation)
    list(person.ask(conversation, "Instead", model="scripted.echo", parent_id=None))
    list(person.ask(conversation, "Further", model="scripted.echo", parent_id=answer["id"]))
    tree = person.messages(conversation)
    roots = [message for message in tree if message["parent_id"] is None]
    assert [root["content"][0]["text"] for root in roots] == ["First", "Instead"]
    further = next(message for message in tree if message["parent_id"] == answer["id"])
    assert further["content"][0]["text"] == "Further"
    assert first["id"] == answer["parent_id"]


@pytest.mark.parametrize("position", ["-1", "x", "1e3", "999999999", "%D9%A3", ""])
def test_an_invalid_position_is_refused(person: Person, position: str) -> None:
    turn_id = next(person.ask(person.open_conversation(), QUESTION))[2]["turn_id"]
    answer = person.call("GET", f"/api/chat/turns/{turn_id}/events?after={position}")
    assert (answer.status, answer.problem) == (422, "invalid-request")


@pytest.mark.parametrize("position", ["-1", "x", "1e3", "999999999"])
def test_an_invalid_last_event_id_is_refused(person: Person, position: str) -> None:
    turn_id = next(person.ask(person.open_conversation(), QUESTION))[2]["turn_id"]
    answer = person.call("GET", f"/api/chat/turns/{turn_id}/events", last_event_id=position)
    assert (answer.status, answer.problem) == (422, "invalid-request")
