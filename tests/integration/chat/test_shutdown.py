"""Cancelling a turn: the model call ends, the text so far is stored, and a second cancel changes nothing."""

import time

from tests.clients import Person, text_of
from tests.integration.chat.billing import answers_of, invocations_of
from tests.polling import eventually
from tests.system import StartProcess, System

LONG = "Talk and talk [[ttft=50 gap=50 tokens=400]]"


def cancel(person: Person, turn_id: str) -> dict[str, object]:
    answer = person.call("POST", f"/api/chat/turns/{turn_id}/cancel")
    assert answer.status == 200, answer
    return dict(answer.json)


def model_call_closed_at(system: System, turn_id: str) -> float:
    (invocation,) = invocations_of(system, turn_id, "answer")
    (served,) = eventually(lambda: [each for each in answers_of(system, invocation) if each["closed_at"]]) or [{}]
    return float(served.get("closed_at", 0))


def test_a_cancel_in_another_process_ends_the_model_call_within_a_second(
    chat_system: System, start_chat: StartProcess, person: Person
) -> None:
    other = person.at(start_chat().url)
    conversation = person.open_conversation()
    stream = person.ask(conversation, LONG)
    seen = [next(stream) for _ in range(8)]
    turn_id = seen[0][2]["turn_id"]
    cancelled_at = time.time()
    assert cancel(other, turn_id)["state"] == "cancelled"
    assert model_call_closed_at(chat_system, turn_id) - cancelled_at <= 1.0
    seen += stream
    assert seen[-1][1] == "turn.cancelled"
    _, answer = person.messages(conversation)
    assert answer["status"] == "cancelled"
    assert answer["content"][0]["text"] == text_of(seen)
    assert answer["usage"]["basis"] == "estimated"


def test_a_cancel_before_the_first_token_ends_the_model_call(chat_system: System, person: Person) -> None:
    turn_id = next(person.ask(person.open_conversation(), "Wait [[ttft=20000]]"))[2]["turn_id"]
    cancelled_at = time.time()
    assert cancel(person, turn_id)["state"] == "cancelled"
    assert model_call_closed_at(chat_system, turn_id) - cancelled_at <= 1.0


def test_a_second_cancel_and_one_after_the_end_change_nothing(person: Person) -> None:
    stream = person.ask(person.open_conversation(), LONG)
    turn_id = next(stream)[2]["turn_id"]
    assert cancel(person, turn_id)["state"] == "cancelled"
    first_end = person.turn(turn_id)["ended_at"]
    assert cancel(person, turn_id)["ended_at"] == first_end
    done = list(person.ask(person.open_conversation(), "Quick [[ttft=0 gap=0 tokens=3]]"))
    assert cancel(person, done[0][2]["turn_id"])["state"] == "completed"


def test_a_turn_whose_runner_is_dead_can_be_cancelled(start_chat: StartProcess, person: Person) -> None:
    killed_process = start_chat()
    conversation = person.open_conversation()
    stream = person.at(killed_process.url).ask(conversation, LONG)
    seen = [next(stream) for _ in range(8)]
    turn_id = seen[0][2]["turn_id"]
    killed_process.kill()
    cancel(person, turn_id)
    assert eventually(lambda: person.turn(turn_id)["state"] == "cancelled", 30)
    _, answer = person.messages(conversation)
    whole = list(person.follow(turn_id))
    assert answer["content"][0]["text"] == text_of(whole)
    assert whole[: len(seen)] == seen


def test_another_persons_turn_cannot_be_cancelled_read_or_followed(person: Person, stranger: Person) -> None:
    turn_id = next(person.ask(person.open_conversation(), LONG))[2]["turn_id"]
    for method, path in [("POST", "/cancel"), ("GET", ""), ("GET", "/events")]:
        answer = stranger.call(method, f"/api/chat/turns/{turn_id}{path}")
        assert (answer.status, answer.problem) == (404, "not-found")
    assert person.turn(turn_id)["state"] == "running"
    cancel(person, turn_id)


def test_cancelling_an_unknown_turn_is_not_found(person: Person) -> None:
    answer = person.call("POST", "/api/chat/turns/turn_01ARZ3NDEKTSV4RRFFQ69G5FAV/cancel")
    assert (answer.status, answer.problem) == (404, "not-found")
