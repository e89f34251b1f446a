"""One Idempotency-Key gives one turn and one model call, also after repeated requests and a killed process."""

from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex

from tests.clients import Person, message_body, messages
from tests.integration.chat.billing import answers_of, invocations_of
from tests.polling import eventually
from tests.system import StartProcess, System

QUESTION = "Only once, please [[ttft=100 gap=10 tokens=10]]"


def test_ten_concurrent_requests_start_one_turn_and_one_model_call(chat_system: System, person: Person) -> None:
    conversation, key = person.open_conversation(), token_hex(8)
    with ThreadPoolExecutor(10) as threads:
        streams = list(threads.map(lambda _: list(person.ask(conversation, QUESTION, key=key)), range(10)))
    assert all(stream == streams[0] for stream in streams)
    turn_id = streams[0][0][2]["turn_id"]
    (invocation,) = invocations_of(chat_system, turn_id, "answer")
    assert len(answers_of(chat_system, invocation)) == 1
    assert len(person.messages(conversation)) == 2


def test_the_same_key_with_another_body_is_refused(person: Person) -> None:
    conversation, key = person.open_conversation(), token_hex(8)
    list(person.ask(conversation, QUESTION, key=key))
    again = person.call("POST", messages(conversation), message_body("Something else"), idempotency_key=key)
    assert (again.status, again.problem) == (409, "idempotency-key-reused")


def test_a_request_repeated_after_its_process_was_killed_finds_its_turn(
    chat_system: System, start_chat: StartProcess, person: Person
) -> None:
    killed_process = start_chat()
    conversation, key = person.open_conversation(), token_hex(8)
    question = "Die meanwhile [[ttft=3000 gap=10 tokens=10]]"
    stream = person.at(killed_process.url).ask(conversation, question, key=key)
    turn_id = next(stream)[2]["turn_id"]
    (invocation,) = invocations_of(chat_system, turn_id, "answer")
    assert eventually(lambda: answers_of(chat_system, invocation))
    killed_process.kill()
    with ThreadPoolExecutor(10) as threads:
        again = list(
            threads.map(
                lambda _: person.call("POST", messages(conversation), message_body(question), idempotency_key=key),
                range(10),
            )
        )
    assert {answer.json["turn_id"] for answer in again} == {turn_id}
    assert eventually(lambda: person.turn(turn_id)["state"] == "completed", 40)
    assert len(answers_of(chat_system, invocation)) == 1
    assert (
        len(invocations_of(chat_system, turn_id, "answer")) == 2
    )  # that of the killed process, and that of its successor


def test_opening_a_conversation_twice_with_one_key_opens_one(person: Person) -> None:
    key = token_hex(8)
    first = person.call("POST", "/api/chat/conversations", {}, idempotency_key=key)
    second = person.call("POST", "/api/chat/conversations", {}, idempotency_key=key)
    assert (first.status, second.status) == (201, 201)
    assert first.json["id"] == second.json["id"]
