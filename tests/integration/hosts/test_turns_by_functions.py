"""Turns in functions: started over HTTP, then run, handed over, resumed and continued after tool calls."""

import time

from tests.clients import Person, text_of
from tests.fakes.lambda_service import sqs_event
from tests.lambda_functions import Function, Functions
from tests.system import System

TURNS_S = 30.0


def run_until_ended(functions: Functions, person: Person, turn_id: str, *environments: Function) -> None:
    """Invoke the environments in turn, and the watchdogs, as Lambda would, until the turn has ended."""
    mappings = [functions.mapping("chat", "Turns", each, batch_size=1) for each in environments]
    watchdogs = functions.mapping("chat", "Watchdogs", functions.start("chat", "watchdogs", lease_s="3"))
    deadline = time.monotonic() + TURNS_S
    number = 0
    while person.turn(turn_id)["state"] in {"running", "awaiting_tools"} and time.monotonic() < deadline:
        mapping = mappings[number % len(mappings)]
        if messages := mapping.received():
            mapping.invoke(messages)
            number += 1
        if checks := watchdogs.received(wait_s=0):
            watchdogs.invoke(checks)


def turn_and_tool_events(person: Person, turn_id: str) -> list[str]:
    frames = list(person.follow(turn_id))
    assert [seq for seq, _, _ in frames] == list(range(1, len(frames) + 1))
    return [name for _, name, _ in frames if name.startswith(("turn.", "tool."))]


def test_a_function_runs_the_turn_of_a_message_sent_over_http(functions: Functions, person: Person) -> None:
    turn_id = person.begin(person.open_conversation(), "Hello [[ttft=20 gap=5 tokens=30]]")
    run_until_ended(functions, person, turn_id, functions.start("chat", "turns"))
    assert person.turn(turn_id)["state"] == "completed"
    assert turn_and_tool_events(person, turn_id) == ["turn.started", "turn.completed"]


def test_a_turn_that_outlasts_its_invocation_continues_in_another_environment(
    functions: Functions, person: Person
) -> None:
    conversation = person.open_conversation()
    turn_id = person.begin(conversation, "Long [[ttft=20 gap=50 tokens=100]]")  # five seconds
    first, second = functions.start("chat", "turns"), functions.start("chat", "turns")
    mapping = functions.mapping("chat", "Turns", first, batch_size=1)
    first.send(sqs_event([]), 60)
    first.answer()  # a cold start is not measured
    began = time.monotonic()
    mapping.invoke(mapping.received(wait_s=5), seconds=6)  # two of them are Lambda's reserve, one is for handing over
    assert time.monotonic() - began < 6
    assert person.turn(turn_id)["state"] == "running"
    run_until_ended(functions, person, turn_id, second)
    assert turn_and_tool_events(person, turn_id) == ["turn.started", "turn.resumed", "turn.completed"]
    text = text_of(list(person.follow(turn_id)))
    assert person.messages(conversation)[-1]["content"] == [{"type": "text", "text": text}]
    assert len(text.split()) > 30


def test_a_turn_of_a_killed_environment_is_resumed_by_the_next(functions: Functions, person: Person) -> None:
    turn_id = person.begin(person.open_conversation(), "Killed [[ttft=20 gap=30 tokens=100]]")
    killed, next_environment = (
        functions.start("chat", "turns", lease_s="3"),
        functions.start("chat", "turns", lease_s="3"),
    )
    mapping = functions.mapping("chat", "Turns", killed, batch_size=1)
    killed.send(sqs_event(mapping.received(wait_s=5)), 60)
    stream = person.follow(turn_id)
    seen = [next(stream) for _ in range(10)]
    killed.kill()
    run_until_ended(functions, person, turn_id, next_environment)
    assert turn_and_tool_events(person, turn_id) == ["turn.started", "turn.resumed", "turn.completed"]
    assert list(person.follow(turn_id))[:10] == seen


def test_a_run_command_delivered_twice_runs_the_turn_once(functions: Functions, person: Person) -> None:
    conversation = person.open_conversation()
    turn_id = person.begin(conversation, "Once [[ttft=20 gap=5 tokens=10]]")
    function = functions.start("chat", "turns")
    mapping = functions.mapping("chat", "Turns", function, batch_size=1)
    event = sqs_event(mapping.received(wait_s=5))
    event["Records"] *= 2
    function.send(event, 30)
    function.answer()
    run_until_ended(functions, person, turn_id, function)
    assert turn_and_tool_events(person, turn_id) == ["turn.started", "turn.completed"]
    assert len(person.messages(conversation)) == 2


def test_tool_calls_are_executed_by_a_function_of_agents(
    functions: Functions, person: Person, functions_system: System
) -> None:
    question = 'Compute [[tool=calculator:{"expression":"6*7"} tool=calculator:{"expression":"2^10"}]]'
    turn_id = person.begin(person.open_conversation(), question, tools=["calculator"])
    turns, calls = functions.start("chat", "turns"), functions.start("agents", "calls")
    mapping = functions.mapping("chat", "Turns", turns, batch_size=1)
    mapping.invoke(mapping.received(wait_s=5))
    assert person.turn(turn_id)["state"] == "awaiting_tools"
    assert functions.mapping("agents", "Calls", calls).run() == []
    run_until_ended(functions, person, turn_id, turns)
    names = turn_and_tool_events(person, turn_id)
    assert names.count("tool.result") == 2
    assert names[-1] == "turn.completed"
    assert functions_system.models
