"""An answer outlives the process that writes it: killed, told to go, or asleep, another one goes on with it."""

import json
import signal
from collections.abc import Iterator

import pytest

from tests.clients import Event, Person, text_of
from tests.integration.chat.billing import answers_of, invocations_of
from tests.polling import eventually
from tests.system import Process, StartProcess, System

LONG = "Unfinished [[ttft=50 gap=30 tokens=120]]"
CONTINUES, CANNOT = "scripted.lorem", "scripted.strict"


@pytest.fixture
def dying(start_chat: StartProcess) -> Process:
    """Keeps its turns for three seconds only, so that a test need not wait for nine."""
    return start_chat(lease_s="3")


def in_mid_answer(person: Person, process: Process, model: str) -> list[Event]:
    """Frames that somebody saw before the process stopped talking to him."""
    conversation = person.open_conversation()
    stream = person.at(process.url).ask(conversation, LONG, model=model)
    return [next(stream) for _ in range(10)]


def undisturbed(person: Person, model: str) -> str:
    return text_of(list(person.ask(person.open_conversation(), LONG, model=model)))


@pytest.mark.parametrize(("model", "event"), [(CONTINUES, "turn.resumed"), (CANNOT, "turn.restarted")])
def test_a_killed_process_is_followed_by_another_and_nothing_is_lost_or_said_twice(
    chat_system: System, person: Person, dying: Process, model: str, event: str
) -> None:
    seen = in_mid_answer(person, dying, model)
    dying.kill()
    turn_id, conversation = seen[0][2]["turn_id"], seen[0][2]["conversation_id"]
    rest = list(person.follow(turn_id, after=seen[-1][0]))
    whole = seen + rest
    assert [seq for seq, _, _ in whole] == list(range(1, len(whole) + 1))
    assert [name for _, name, _ in whole].count(event) == 1
    assert whole[-1][1] == "turn.completed"
    assert text_of(whole) == undisturbed(person, model)
    question, answer = person.messages(conversation)
    assert answer["content"] == [{"type": "text", "text": text_of(whole)}]
    assert (question["role"], answer["status"]) == ("user", "complete")
    first, second = invocations_of(chat_system, turn_id, "answer")
    assert [first["basis"], second["basis"]] == ["estimated", "reported"]
    for invocation in (first, second):
        served = eventually(lambda i=invocation: answers_of(chat_system, i))  # type: ignore[misc]
        assert len(served) == 1, served


def test_a_process_that_is_told_to_go_hands_over_and_ends_in_time(person: Person, dying: Process) -> None:
    conversation = person.open_conversation()
    stream = person.at(dying.url).ask(conversation, "Slow [[ttft=50 gap=100 tokens=140]]")
    seen = [next(stream) for _ in range(5)]
    dying.signal(signal.SIGTERM)
    seen += list(_until_cut(stream))
    assert dying.popen.wait(10) == 0
    rest = list(person.follow(seen[0][2]["turn_id"], after=seen[-1][0]))
    whole = seen + rest
    assert [seq for seq, _, _ in whole] == list(range(1, len(whole) + 1))
    assert [name for _, name, _ in whole].count("turn.resumed") == 1
    assert whole[-1][1] == "turn.completed"
    assert person.messages(conversation)[-1]["content"] == [{"type": "text", "text": text_of(whole)}]


def test_a_process_that_slept_too_long_shows_nothing_when_it_wakes(person: Person, dying: Process) -> None:
    conversation = person.open_conversation()
    stream = person.at(dying.url).ask(conversation, LONG)
    seen = [next(stream) for _ in range(10)]
    turn_id = seen[0][2]["turn_id"]
    dying.signal(signal.SIGSTOP)
    try:
        log = list(person.follow(turn_id))
    finally:
        dying.signal(signal.SIGCONT)
    seen += list(_until_cut(stream))
    assert log[-1][1] == "turn.completed"
    assert seen == log[: len(seen)]
    assert list(person.at(dying.url).follow(turn_id)) == log


TOOLS = '[[tool=calculator:{"expression":"6*7"} tool=calculator:{"expression":"2^10"}]]'


def test_two_tools_are_called_and_their_results_told(person: Person) -> None:
    conversation = person.open_conversation()
    whole = list(person.ask(conversation, f"Compute {TOOLS}", tools=["calculator"]))
    names = [name for _, name, _ in whole if name not in {"conversation.renamed", "tool.delta"}]
    assert names[:5] == ["turn.started", "tool.call", "tool.call", "tool.result", "tool.result"]
    for index, expression in enumerate(("6*7", "2^10")):
        written = [data for _, name, data in whole if name == "tool.delta" and data["index"] == index]
        assert written[0]["name"] == "calculator"
        assert json.loads("".join(data["text"] for data in written)) == {"expression": expression}
    assert [data["output"]["result"] for _, name, data in whole if name == "tool.result"] == ["42", "1024"]
    assert names[-1] == "turn.completed"
    kinds = [block["type"] for block in person.messages(conversation)[-1]["content"]]
    assert kinds == ["tool_call", "tool_call", "tool_result", "tool_result", "text"]


def test_a_turn_that_waits_for_its_tools_outlives_its_process(person: Person, agents: Process, dying: Process) -> None:
    list(person.ask(person.open_conversation(), f"Warm {TOOLS}", tools=["calculator"]))  # the tools are known now
    list(person.at(dying.url).ask(person.open_conversation(), f"Warm {TOOLS}", tools=["calculator"]))
    conversation = person.open_conversation()
    agents.signal(signal.SIGSTOP)
    try:
        stream = person.at(dying.url).ask(conversation, f"Compute {TOOLS}", tools=["calculator"])
        seen = [next(stream)]
        while [name for _, name, _ in seen].count("tool.call") < 2:
            seen.append(next(stream))
        turn_id = seen[0][2]["turn_id"]
        assert eventually(lambda: person.turn(turn_id)["state"] == "awaiting_tools")
        dying.kill()
    finally:
        agents.signal(signal.SIGCONT)
    whole = seen + list(person.follow(turn_id, after=seen[-1][0]))
    assert [seq for seq, _, _ in whole] == list(range(1, len(whole) + 1))
    assert [name for _, name, _ in whole].count("tool.result") == 2
    assert whole[-1][1] == "turn.completed"
    assert "42" in text_of(whole)


def _until_cut(stream: Iterator[Event]) -> Iterator[Event]:
    """What still comes, until the stream ends, in whatever way."""
    try:
        yield from stream
    except (ConnectionError, TimeoutError):
        return
    except Exception as error:
        if type(error).__name__ not in {"IncompleteRead", "RemoteDisconnected"}:
            raise
