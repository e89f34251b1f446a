"""Takeover: after a kill, SIGTERM or a pause of its process, another process continues the turn."""

import json
import signal
from collections.abc import Iterator

import pytest

from tests.clients import Event, Person, text_of
from tests.integration.chat.billing import answers_of, invocations_of
from tests.polling import eventually
from tests.system import Process, StartProcess, System

LONG = "Unfinished [[ttft=50 gap=30 tokens=120]]"
RESUMABLE, NOT_RESUMABLE = "scripted.lorem", "scripted.strict"


@pytest.fixture
def first_process(start_chat: StartProcess) -> Process:
    """A process with leases of three seconds, so that a takeover comes soon."""
    return start_chat(lease_s="3")


def start_turn_and_read(person: Person, process: Process, model: str) -> list[Event]:
    """Start a turn in this process; return its first ten frames."""
    conversation = person.open_conversation()
    stream = person.at(process.url).ask(conversation, LONG, model=model)
    return [next(stream) for _ in range(10)]


def text_without_takeover(person: Person, model: str) -> str:
    return text_of(list(person.ask(person.open_conversation(), LONG, model=model)))


@pytest.mark.parametrize(("model", "event"), [(RESUMABLE, "turn.resumed"), (NOT_RESUMABLE, "turn.restarted")])
def test_a_turn_of_a_killed_process_is_taken_over_without_loss_or_repetition(
    chat_system: System, person: Person, first_process: Process, model: str, event: str
) -> None:
    seen = start_turn_and_read(person, first_process, model)
    first_process.kill()
    turn_id, conversation = seen[0][2]["turn_id"], seen[0][2]["conversation_id"]
    rest = list(person.follow(turn_id, after=seen[-1][0]))
    whole = seen + rest
    assert [seq for seq, _, _ in whole] == list(range(1, len(whole) + 1))
    assert [name for _, name, _ in whole].count(event) == 1
    assert whole[-1][1] == "turn.completed"
    assert text_of(whole) == text_without_takeover(person, model)
    question, answer = person.messages(conversation)
    assert answer["content"] == [{"type": "text", "text": text_of(whole)}]
    assert (question["role"], answer["status"]) == ("user", "complete")
    first, second = invocations_of(chat_system, turn_id, "answer")
    assert [first["basis"], second["basis"]] == ["estimated", "reported"]
    for invocation in (first, second):
        served = eventually(lambda i=invocation: answers_of(chat_system, i))  # type: ignore[misc]
        assert len(served) == 1, served


def test_after_sigterm_a_process_hands_its_turn_over_and_ends_in_time(person: Person, first_process: Process) -> None:
    conversation = person.open_conversation()
    stream = person.at(first_process.url).ask(conversation, "Slow [[ttft=50 gap=100 tokens=140]]")
    seen = [next(stream) for _ in range(5)]
    first_process.signal(signal.SIGTERM)
    seen += list(_until_broken(stream))
    assert first_process.popen.wait(10) == 0
    rest = list(person.follow(seen[0][2]["turn_id"], after=seen[-1][0]))
    whole = seen + rest
    assert [seq for seq, _, _ in whole] == list(range(1, len(whole) + 1))
    assert [name for _, name, _ in whole].count("turn.resumed") == 1
    assert whole[-1][1] == "turn.completed"
    assert person.messages(conversation)[-1]["content"] == [{"type": "text", "text": text_of(whole)}]


def test_a_process_paused_beyond_its_lease_writes_no_more_frames(person: Person, first_process: Process) -> None:
    conversation = person.open_conversation()
    stream = person.at(first_process.url).ask(conversation, LONG)
    seen = [next(stream) for _ in range(10)]
    turn_id = seen[0][2]["turn_id"]
    first_process.signal(signal.SIGSTOP)
    try:
        log = list(person.follow(turn_id))
    finally:
        first_process.signal(signal.SIGCONT)
    seen += list(_until_broken(stream))
    assert log[-1][1] == "turn.completed"
    assert seen == log[: len(seen)]
    assert list(person.at(first_process.url).follow(turn_id)) == log


TOOLS = '[[tool=calculator:{"expression":"6*7"} tool=calculator:{"expression":"2^10"}]]'


def test_two_tools_are_called_and_their_results_streamed(person: Person) -> None:
    conversation = person.open_conversation()
    whole = list(person.ask(conversation, f"Compute {TOOLS}", tools=["calculator"]))
    names = [name for _, name, _ in whole if name not in {"conversation.renamed", "tool.delta"}]
    assert names[:5] == ["turn.started", "tool.call", "tool.call", "tool.result", "tool.result"]
    for index, expression in enumerate(("6*7", "2^10")):
        deltas = [data for _, name, data in whole if name == "tool.delta" and data["index"] == index]
        assert deltas[0]["name"] == "calculator"
        assert json.loads("".join(data["text"] for data in deltas)) == {"expression": expression}
    assert [data["output"]["result"] for _, name, data in whole if name == "tool.result"] == ["42", "1024"]
    assert names[-1] == "turn.completed"
    kinds = [block["type"] for block in person.messages(conversation)[-1]["content"]]
    assert kinds == ["tool_call", "tool_call", "tool_result", "tool_result", "text"]


def test_a_turn_that_waits_for_tools_continues_after_its_process_was_killed(
    person: Person, agents: Process, first_process: Process
) -> None:
    list(person.ask(person.open_conversation(), f"Warm {TOOLS}", tools=["calculator"]))  # the tool list is cached now
    list(person.at(first_process.url).ask(person.open_conversation(), f"Warm {TOOLS}", tools=["calculator"]))
    conversation = person.open_conversation()
    agents.signal(signal.SIGSTOP)
    try:
        stream = person.at(first_process.url).ask(conversation, f"Compute {TOOLS}", tools=["calculator"])
        seen = [next(stream)]
        while [name for _, name, _ in seen].count("tool.call") < 2:
            seen.append(next(stream))
        turn_id = seen[0][2]["turn_id"]
        assert eventually(lambda: person.turn(turn_id)["state"] == "awaiting_tools")
        first_process.kill()
    finally:
        agents.signal(signal.SIGCONT)
    whole = seen + list(person.follow(turn_id, after=seen[-1][0]))
    assert [seq for seq, _, _ in whole] == list(range(1, len(whole) + 1))
    assert [name for _, name, _ in whole].count("tool.result") == 2
    assert whole[-1][1] == "turn.completed"
    assert "42" in text_of(whole)


def _until_broken(stream: Iterator[Event]) -> Iterator[Event]:
    """The remaining frames until the stream ends or breaks."""
    try:
        yield from stream
    except (ConnectionError, TimeoutError):
        return
    except Exception as error:
        if type(error).__name__ not in {"IncompleteRead", "RemoteDisconnected"}:
            raise
