"""Limits of three running turns and six open streams per person over all processes; a 429 above them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from secrets import token_hex

import pytest

from tests.clients import Answer, Event, Person, message_body, messages
from tests.polling import eventually
from tests.system import Process, System

SLOW = "Slowly [[ttft=0 gap=100 tokens=400]]"
SHORT = "Shortly [[ttft=0 gap=0 tokens=5]]"
LEASE_S = 3
LIMITS = {"running_turns_limit": "3", "open_streams_limit": "6", "stream_lease_s": str(LEASE_S)}


@dataclass
class PersonAtTwoProcesses:
    """One person who uses two processes with the limits."""

    system: System
    processes: tuple[Process, Process]
    person: Person

    def at(self, number: int) -> Person:
        return self.person.at(self.processes[number % 2].url)

    def running(self) -> int:
        heads = self.person.call("GET", "/api/chat/conversations?limit=200").json["items"]
        return sum(len(head["running_turns"]) for head in heads)

    def stop_all(self) -> None:
        for head in self.person.call("GET", "/api/chat/conversations?limit=200").json["items"]:
            for turn_id in head["running_turns"]:
                self.person.call("POST", f"/api/chat/turns/{turn_id}/cancel")
        assert eventually(lambda: self.running() == 0)


@pytest.fixture(scope="module")
def system_of_two(chat_system: System) -> tuple[Process, Process]:
    return chat_system.start("chat", **LIMITS), chat_system.start("chat", **LIMITS)


@pytest.fixture
def two(chat_system: System, system_of_two: tuple[Process, Process]) -> Iterator[PersonAtTwoProcesses]:
    two = PersonAtTwoProcesses(
        chat_system, system_of_two, Person(system_of_two[0].url, chat_system.token("maker@example.com"))
    )
    two.stop_all()
    yield two
    two.stop_all()


def ask(person: Person, text: str, key: str) -> Answer:
    return person.call("POST", messages(person.open_conversation()), message_body(text), idempotency_key=key)


def test_of_ten_concurrent_turns_three_run_and_seven_get_429(two: PersonAtTwoProcesses) -> None:
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda number: ask(two.at(number), SLOW, token_hex(8)), range(10)))
    assert sorted(answer.status for answer in answers) == [202] * 3 + [429] * 7
    for answer in answers:
        if answer.status == 429:
            assert answer.problem == "too-many-turns"
            assert int(answer.headers["retry-after"]) > 0
    assert two.running() == 3
    two.stop_all()
    assert [ask(two.at(number), SHORT, token_hex(8)).status for number in range(3)] == [202] * 3
    assert eventually(lambda: two.running() == 0)


def test_a_repeated_request_returns_its_turn_also_at_the_limit(two: PersonAtTwoProcesses) -> None:
    conversation, key = two.person.open_conversation(), token_hex(8)
    turn_id = two.at(0).begin(conversation, SLOW, key=key)
    assert [ask(two.at(number), SLOW, token_hex(8)).status for number in range(3)] == [202, 202, 429]
    assert two.at(1).begin(conversation, SLOW, key=key) == turn_id


def test_a_seventh_open_stream_gets_429(two: PersonAtTwoProcesses) -> None:
    conversation = two.person.open_conversation()
    turn_id = two.at(0).begin(conversation, SLOW)
    with ExitStack() as open_streams:
        streams = [open_streams.enter_context(closing(following(two.at(number), turn_id))) for number in range(6)]
        assert all(next(stream) for stream in streams)
        for refused in (follow(two.at(0), turn_id), follow(two.at(1), turn_id), stream_at(two.at(1), conversation)):
            assert (refused.status, refused.problem) == (429, "too-many-streams")
            assert int(refused.headers["retry-after"]) > 0
        streams[0].close()
        assert eventually(lambda: has_started(following(two.at(1), turn_id)), 5)
    assert two.running() == 1


def test_streams_of_a_killed_process_count_until_their_leases_end(two: PersonAtTwoProcesses) -> None:
    turn_id = two.at(0).begin(two.person.open_conversation(), "Long [[ttft=0 gap=200 tokens=400]]")
    killed_process = two.system.start("chat", **LIMITS)
    held = [following(two.person.at(killed_process.url), turn_id) for _ in range(6)]
    assert all(next(stream) for stream in held)
    killed_process.kill()
    assert follow(two.at(1), turn_id).status == 429
    assert eventually(lambda: has_started(following(two.at(1), turn_id)), LEASE_S + 2)


def following(person: Person, turn_id: str) -> Iterator[Event]:
    return person.follow(turn_id)


def follow(person: Person, turn_id: str) -> Answer:
    """Request a stream that is refused."""
    return person.call("GET", f"/api/chat/turns/{turn_id}/events")


def stream_at(person: Person, conversation: str) -> Answer:
    body = message_body("Elsewhere", parent_id=None)
    return person.call("POST", messages(conversation), body, accept="text/event-stream")


def has_started(stream: Iterator[Event]) -> bool:
    """Whether the stream delivers a first frame."""
    try:
        return bool(next(stream))
    except (AssertionError, StopIteration):
        return False
