"""Services as packaged functions behind the real web adapter."""

import time

import pytest

from infra.packaging.functions import SERVICES
from tests.clients import Person, message_body, messages, text_of
from tests.lambdas.hosted_functions import HostedFunctions, HttpFunction
from tests.polling import eventually

READS = {
    "chat": "/api/chat/conversations",
    "bots": "/api/bots/bots",
    "agents": "/api/agents/tools",
    "analytics": "/api/analytics/usage/me?from=2026-11-01&to=2026-11-02",
    "ingest": "/api/ingest/openapi.json",
}
SLOW = "Slowly [[ttft=50 gap=50 tokens=60]]"  # three seconds


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_answers_requests_with_a_valid_token_only(hosted: HostedFunctions, service: str) -> None:
    function = hosted.http(service, "response_stream" if service == "chat" else "buffered")
    person = Person(function.url, hosted.system.token("maker@example.com"))
    assert person.call("GET", f"/api/{service}/health").status == 200
    answer = person.call("GET", READS[service])
    assert answer.status == 200, answer
    if "openapi" not in READS[service]:
        refused = Person(function.url, "rubbish").call("GET", READS[service])
        assert (refused.status, refused.problem) == (401, "unauthenticated")


def test_an_answer_arrives_frame_by_frame(person: Person) -> None:
    arrivals, frames = [], []
    for frame in person.ask(person.open_conversation(), SLOW):
        frames.append(frame)
        arrivals.append(time.monotonic())
    assert [seq for seq, _, _ in frames] == list(range(1, len(frames) + 1))
    assert frames[-1][1] == "turn.completed"
    # 60 tokens at 50 ms: if they arrived in one piece, there would be no time between the first and the last.
    assert arrivals[-1] - arrivals[0] > 2
    assert len({round(arrival, 2) for arrival in arrivals}) > 20


def test_a_reconnect_continues_the_stream_in_any_environment(person: Person) -> None:
    stream = person.ask(person.open_conversation(), SLOW)
    seen = [next(stream) for _ in range(8)]
    rest = list(person.follow(seen[0][2]["turn_id"], after=seen[-1][0]))
    here = seen + list(stream)
    assert seen + rest == here
    assert here[-1][1] == "turn.completed"


def test_a_turn_whose_client_disconnected_completes(person: Person) -> None:
    conversation = person.open_conversation()
    stream = person.ask(conversation, SLOW)
    seen = [next(stream) for _ in range(5)]
    stream.close()  # type: ignore[attr-defined]
    assert eventually(lambda: person.turn(seen[0][2]["turn_id"])["state"] == "completed", 15)
    assert person.messages(conversation)[-1]["status"] == "complete"


def test_a_cancel_in_another_environment_ends_the_turn(person: Person, chat: HttpFunction) -> None:
    stream = person.ask(person.open_conversation(), "Long [[ttft=50 gap=50 tokens=400]]")
    seen = [next(stream) for _ in range(5)]
    assert person.call("POST", f"/api/chat/turns/{seen[0][2]['turn_id']}/cancel").json["state"] == "cancelled"
    seen += list(stream)
    assert seen[-1][1] == "turn.cancelled"
    assert len(chat.function.environments) > 1


@pytest.mark.usefixtures("served_turns")
def test_a_turn_that_outlasts_its_invocation_continues_in_another_function(
    hosted: HostedFunctions, person: Person
) -> None:
    short = hosted.http("chat", "response_stream", timeout_s=5, lease_s="3")
    conversation = person.open_conversation()
    assert person.at(short.url).call("GET", "/api/chat/health").status == 200  # a cold start is not measured
    began = time.monotonic()
    seen = list(person.at(short.url).ask(conversation, "Long [[ttft=50 gap=50 tokens=120]]"))  # six seconds
    assert time.monotonic() - began < 5  # before Lambda would have ended it
    assert seen[-1][1] == "message.delta"
    whole = seen + list(person.follow(seen[0][2]["turn_id"], after=seen[-1][0]))
    assert [seq for seq, _, _ in whole] == list(range(1, len(whole) + 1))
    assert [name for _, name, _ in whole].count("turn.resumed") == 1
    assert whole[-1][1] == "turn.completed"
    assert person.messages(conversation)[-1]["content"] == [{"type": "text", "text": text_of(whole)}]
    assert all(environment.is_alive for environment in short.function.environments)


@pytest.mark.usefixtures("served_turns")
def test_a_turn_of_a_crashed_environment_is_resumed_by_another(hosted: HostedFunctions, person: Person) -> None:
    killed = hosted.http("chat", "response_stream", lease_s="3")
    conversation = person.open_conversation()
    stream = person.at(killed.url).ask(conversation, "Long [[ttft=50 gap=50 tokens=80]]")
    seen = [next(stream) for _ in range(10)]
    killed.kill_busy_environment()
    whole = seen + list(person.follow(seen[0][2]["turn_id"], after=seen[-1][0]))
    assert [seq for seq, _, _ in whole] == list(range(1, len(whole) + 1))
    assert [name for _, name, _ in whole].count("turn.resumed") == 1
    assert whole[-1][1] == "turn.completed"
    assert person.messages(conversation)[-1]["content"] == [{"type": "text", "text": text_of(whole)}]


@pytest.mark.usefixtures("served_turns")
def test_a_message_without_a_stream_is_run_by_the_function_of_the_queue(person: Person) -> None:
    turn_id = person.begin(person.open_conversation(), "Hello [[ttft=20 gap=5 tokens=30]]")
    assert eventually(lambda: person.turn(turn_id)["state"] == "completed", 30)


def test_a_message_that_is_too_large_is_refused_and_not_stored(person: Person) -> None:
    conversation = person.open_conversation()
    for size, problem in ((2_000_000, "payload-too-large"), (7_000_000, None)):
        answer = person.call("POST", messages(conversation), message_body("x" * size))
        assert answer.status == 413
        if problem:
            assert answer.problem == problem
    assert person.messages(conversation) == []
    assert list(person.ask(conversation, "Still there? [[ttft=0 gap=0 tokens=3]]"))[-1][1] == "turn.completed"
