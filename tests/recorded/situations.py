"""The situations of the recorded state: finished work, and work that was open when the processes ended.

Real processes produce them with the embedded AWS. Each function saves the created ids under plain names, so that tests
can refer to a conversation or turn.
"""

import json
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.clients import Answer, Event, Person, messages, said
from tests.running import House, Process
from tests.waiting import eventually

CALCULATOR = ["calculator"]
LONG_TEXT = "The tide comes in and the tide goes out. " * 7_600
"""310 KB: above the 300 KB that an item of the table may hold, so its body goes to the bucket."""
CREATING_BOT_ALLOWED_USER, OTHER_USER = "maker@example.com", "user@example.com"


@dataclass
class Notes:
    """Data for the tests that is not in the rows: ids by plain names, and requests with an idempotency key."""

    users: dict[str, str] = field(default_factory=dict)
    conversations: dict[str, str] = field(default_factory=dict)
    turns: dict[str, str] = field(default_factory=dict)
    bots: dict[str, str] = field(default_factory=dict)
    calls: dict[str, str] = field(default_factory=dict)
    idempotent_requests: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class System:
    """The running services. `ann` owns most conversations, `mia` may create bots."""

    house: House
    notes: Notes = field(default_factory=Notes)
    processes: dict[str, Process] = field(default_factory=dict)
    streams: list[Iterator[Event]] = field(default_factory=list)
    """Open streams, kept here because garbage collection would close them."""
    hidden_call: str = ""
    """Receipt of the message that `_answer_one_of_two_calls` hides from the workers."""

    def start(self, name: str, service: str, roles: str, **settings: str) -> Process:
        arguments = ["--roles", roles] if roles else []
        self.processes[name] = self.house.start(service, *arguments, **settings)
        return self.processes[name]

    def start_slow_agents(self, name: str, roles: str) -> Process:
        """Agents with one more tool, `nap`, which takes two seconds: long enough to be killed in the middle."""
        command = ["-m", "tests.agents_with_slow_tools", "--roles", roles]
        self.processes[name] = self.house._start("agents", command, "/api/agents/ready", {}, "", port_option=False)
        return self.processes[name]

    def end(self, *names: str) -> None:
        for name in names:
            self.processes[name].end()

    def person(self, name: str, process: str) -> Person:
        email = CREATING_BOT_ALLOWED_USER if name == "mia" else OTHER_USER
        return Person(self.processes[process].url, self.house.token(email))

    def call(self, user: str, process: str, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        answer = self.person(user, process).call(method, path, body, **headers)
        assert answer.status < 300, answer
        return answer

    def post_with_key(self, user: str, path: str, body: Any, key: str) -> Any:
        """Like `call`; saves the request and its response, because a later release must return the same."""
        service = path.split("/")[2]
        answer = self.call(user, service, "POST", path, body, Idempotency_Key=key)
        request = {"user": user, "service": service, "method": "POST", "path": path, "body": body, "key": key}
        self.notes.idempotent_requests.append(request | {"status": answer.status, "answer": answer.json})
        return answer.json

    def scan(self, service: str, table: str = "Table") -> list[dict[str, Any]]:
        client, name = self.house.stack.client("dynamodb"), self.house.stack.outputs(service)[table]
        pages = client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
        return [item for page in pages for item in page["Items"]]

    def row(self, service: str, pk: str, sk: str) -> dict[str, Any] | None:
        client, name = self.house.stack.client("dynamodb"), self.house.stack.outputs(service)["Table"]
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        item: dict[str, Any] | None = client.get_item(TableName=name, Key=key, ConsistentRead=True).get("Item")
        return item

    def open_conversation(self, name: str, user: str = "ann", process: str = "chat", **body: Any) -> str:
        conversation = self.person(user, process).open_conversation(**body)
        self.notes.conversations[name] = conversation
        return conversation

    def ask(self, name: str, conversation: str, text: str, *, user: str = "ann", **options: Any) -> list[Event]:
        """Send the message and read the whole answer."""
        events = list(self.person(user, "chat").ask(conversation, text, **options))
        self.notes.turns[name] = events[0][2]["turn_id"]
        return events

    def stream(
        self, name: str, conversation: str, text: str, *, until: str, count: int = 1, process: str = "chat",
        **options: Any,
    ) -> str:  # fmt: skip
        """Send the message, read `count` frames of the kind `until`, and leave the stream open; returns the turn id."""
        stream = self.person("ann", process).ask(conversation, text, **options)
        self.streams.append(stream)
        turn_id, frame_count = "", 0
        for _, event, data in stream:
            turn_id = data.get("turn_id", turn_id)
            frame_count += event == until
            if frame_count == count:
                break
            assert event not in {"turn.completed", "turn.failed"}, (name, data)
        self.notes.turns[name] = turn_id
        return turn_id


def record_settled_state(system: System) -> None:
    """Record finished work: all services run with all their roles."""
    system.start_slow_agents("agents-http", "http")
    system.house.settings["agents_url"] = system.processes["agents-http"].url
    system.start("agents", "agents", "")
    system.start("chat", "chat", "")
    system.start("bots", "bots", "")
    system.start("ingest", "ingest", "")
    system.start("analytics", "analytics", "")
    _conversations(system)
    _kinds_of_answers(system)
    _deleted_and_erased(system)
    _tool_trials(system)
    _bots_and_sources(system)


def _conversations(system: System) -> None:
    body = {"title": "京都への旅行 · 교토 여행"}
    made = system.post_with_key("ann", "/api/chat/conversations", body, "open-kyoto")
    kyoto = system.notes.conversations["titled by owner"] = made["id"]
    first = system.ask("first question", kyoto, "京都の天気はどうですか。 오늘 날씨는?", model="scripted.echo")[0][2]
    again = system.person("ann", "chat").stream(
        "POST", f"{messages(kyoto)}/{first['user_message_id']}/turns", {"model": "scripted.fast"}
    )
    first_frame, *_ = again
    system.notes.turns["regenerated answer"] = first_frame[2]["turn_id"]
    system.ask("edited question", kyoto, "明日の京都の天気は？", parent_id=None, model="scripted.echo")  # noqa: RUF001 - as Japanese writes it
    system.ask("reply to the first answer", kyoto, "Thanks, and Osaka?", parent_id=first["message_id"],
               model="scripted.echo")  # fmt: skip

    tides = system.open_conversation("titled by service")
    system.ask("question that gives the title", tides, "How do the tides work near the coast?", model="scripted.echo")
    eventually(lambda: _title_source(system, tides) == "service")

    system.open_conversation("without title and messages")
    renamed = system.open_conversation("renamed", title="Draft")
    system.call("ann", "chat", "PATCH", f"/api/chat/conversations/{renamed}", {"title": "Plans for 2027"})
    system.open_conversation("of another owner", user="mia", title="Mia's")


def _title_source(system: System, conversation: str) -> str:
    answer = system.call("ann", "chat", "GET", f"/api/chat/conversations/{conversation}")
    return str(answer.json["title_source"])


def _kinds_of_answers(system: System) -> None:
    kinds = system.open_conversation("kinds of answers", title="Kinds of answers")
    system.ask("with reasoning", kinds, "[[reasoning=6 tokens=8]] Think first.", model="scripted.think", reasoning=True)
    tools = '[[tool=calculator:{"expression":"2+2"} tool=calculator:{"expression":"1/0"}]] Calculate.'
    system.ask("with tools", kinds, tools, model="scripted.fast", tools=CALCULATOR)
    failed = system.open_conversation("failed answer", title="Failed")
    system.ask("failed at once", failed, "[[fault=denied]] Fail.", model="scripted.fast")
    system.ask("failed in the middle", kinds, "[[tokens=9 fault=stream-invalid after=4]] Fail.", model="scripted.fast")
    turn = system.stream("cancelled", kinds, "[[gap=300 tokens=60]] Wait.", model="scripted.lorem",
                         until="message.delta", count=2)  # fmt: skip
    system.call("ann", "chat", "POST", f"/api/chat/turns/{turn}/cancel")
    cancelled = f"TURN#{turn}", "CANCELLED"
    eventually(lambda: system.row("agents", *cancelled))

    with_key = {**said("Only once, please."), "model": "scripted.echo"}
    started = system.post_with_key("ann", messages(kinds), with_key, "ask-once")
    list(system.person("ann", "chat").follow(started["turn_id"]))

    long = system.open_conversation("long message", title="Long")
    system.ask("long question", long, LONG_TEXT + '[[text="I have read it."]]', model="scripted.fast")


def _deleted_and_erased(system: System) -> None:
    erased = system.open_conversation("erased", title="Gone")
    system.ask("erased", erased, "Forget this.", model="scripted.echo")
    system.call("ann", "chat", "DELETE", f"/api/chat/conversations/{erased}")
    eventually(lambda: not [row for row in system.scan("chat") if erased in row["pk"]["S"] + row["sk"]["S"]])

    to_erase = system.open_conversation("deleted, not erased", title="To erase")
    system.ask("to erase, with a long question", to_erase, LONG_TEXT + '[[text="Long."]]', model="scripted.fast")
    system.ask("to erase, with a tool", to_erase, '[[tool=calculator:{"expression":"6*7"}]] Go.', model="scripted.fast",
               tools=CALCULATOR)  # fmt: skip


def _tool_trials(system: System) -> None:
    for name, expression in (("succeeded", "2^10"), ("failed", "1/0")):
        path = "/api/agents/tools/calculator/try"
        tried = system.call("ann", "agents", "POST", path, {"input": {"expression": expression}}).json
        assert tried["call"]["state"] == name
        system.notes.calls[f"trial {name}"] = tried["call"]["id"]


def _bots_and_sources(system: System) -> None:
    settings = {"title": "料理の先生", "description": "Cooks.", "instruction": "You teach cooking."}
    bot = system.post_with_key("mia", "/api/bots/bots", settings, "make-cook")
    system.notes.bots["with versions"] = bot["id"]
    for version in (1, 2):
        change_bot(system, "bots", version, f"You teach cooking, edition {version + 1}.")
    for name in ("single", "deleted", "deleted later"):
        made = system.call("mia", "bots", "POST", "/api/bots/bots", {"title": name.title()})
        system.notes.bots[name] = made.json["id"]
    for name, bot_id in system.notes.bots.items():
        eventually(lambda bot_id=bot_id: system.row("ingest", f"BOT#{bot_id}", "BOT"))
        page = {"source": {"type": "url", "url": f"https://example.com/{name.replace(' ', '-')}"}}
        system.post_with_key("mia", f"/api/ingest/bots/{bot_id}/sources", page, f"url-of-{name}")
    more = ({"type": "sitemap", "url": "https://example.com/sitemap.xml"}, {"type": "s3", "uri": "s3://recipes/winter"})
    for definition in more:
        path = f"/api/ingest/bots/{system.notes.bots['with versions']}/sources"
        system.call("mia", "ingest", "POST", path, {"source": definition})
    deleted = system.notes.bots["deleted"]
    system.call("mia", "bots", "DELETE", f"/api/bots/bots/{deleted}")
    eventually(lambda: (system.row("ingest", f"BOT#{deleted}", "BOT") or {}).get("state") == {"S": "deleted"})


def change_bot(system: System, process: str, version: int, instruction: str) -> None:
    """Update the bot from `version` to the next one."""
    path = f"/api/bots/bots/{system.notes.bots['with versions']}"
    body = {"title": "料理の先生", "description": "Cooks.", "instruction": instruction}
    system.call("mia", process, "PUT", path, body, If_Match=f'"{version}"')


def record_open_state(system: System) -> None:
    """Record open work: turns whose runners were killed, queued turns, unread messages, unpublished events."""
    _kill_in_mid_answer(system)
    _leave_events_on_queues(system)
    _answer_one_of_two_calls(system)
    system.processes["chat"].kill()
    system.start("chat-a", "chat", "http")  # receives no message from its queue and publishes no event
    _queue_turns(system)
    _delete(system)
    _request_cancel(system)
    _hand_over(system)
    _leave_an_answered_call(system)
    _kill_a_running_call(system)
    system.start("bots-http", "bots", "http")
    change_bot(system, "bots-http", 4, "You teach cooking, edition 5.")


def _kill_in_mid_answer(system: System) -> None:
    """Start two turns; the caller kills their process. Analytics has only the events of the opened invocations."""
    slow = "[[ttft=20 gap=900 tokens=80]] Tell me about 京都."
    text = system.open_conversation("killed in text", title="Killed in text")
    system.stream("killed in text", text, slow, model="scripted.lorem", until="message.delta", count=2)
    thought = system.open_conversation("killed in reasoning", title="Killed in reasoning")
    system.stream("killed in reasoning", thought, "[[ttft=20 gap=900 reasoning=40]] Think.", model="scripted.think",
                  reasoning=True, until="reasoning.delta", count=2)  # fmt: skip
    eventually(lambda: len(_opened_rows_of_ledger(system)) == 2)
    invocations = {row["id"]["S"] for row in system.scan("chat") if row["sk"]["S"].startswith("INV#")}
    eventually(lambda: invocations <= _known_to_analytics(system))


def _opened_rows_of_ledger(system: System) -> list[dict[str, Any]]:
    return [row for row in system.scan("analytics") if row.get("state") == {"S": "opened"}]


def _known_to_analytics(system: System) -> set[str]:
    return {row["pk"]["S"].removeprefix("INV#") for row in system.scan("analytics") if row["sk"]["S"] == "LEDGER"}


def _leave_events_on_queues(system: System) -> None:
    """Leave events on the events queue of each service, after its consumer has ended."""
    system.end("agents", "ingest", "analytics")
    change_bot(system, "bots", 3, "You teach cooking, edition 4.")
    system.call("mia", "bots", "DELETE", f"/api/bots/bots/{system.notes.bots['deleted later']}")
    kinds = system.notes.conversations["kinds of answers"]
    turn = system.stream("cancelled, agents not told", kinds, "[[gap=300 tokens=60]] Wait.", model="scripted.lorem",
                         until="message.delta")  # fmt: skip
    system.call("ann", "chat", "POST", f"/api/chat/turns/{turn}/cancel")
    eventually(lambda: waiting(system, "agents", "Events") >= 1)
    eventually(lambda: waiting(system, "ingest", "Events") >= 2)
    system.end("bots")


def waiting(system: System, service: str, queue: str) -> int:
    """How many messages are on a queue: visible, hidden or delayed."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible",
             "ApproximateNumberOfMessagesDelayed"]  # fmt: skip
    url = system.house.stack.outputs(service)[f"{queue}QueueUrl"]
    found = system.house.stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found.get(name, 0)) for name in names)


def _answer_one_of_two_calls(system: System) -> None:
    sqs, url = system.house.stack.client("sqs"), system.house.stack.outputs("agents")["CallsQueueUrl"]
    conversation = system.open_conversation("half answered", title="Half answered")
    ask = '[[tool=calculator:{"expression":"2+2"} tool=calculator:{"expression":"3*7"}]] Calculate both.'
    turn = system.stream("half answered", conversation, ask, model="scripted.fast", tools=CALCULATOR,
                         until="tool.call", count=2)  # fmt: skip
    eventually(lambda: waiting(system, "agents", "Calls") == 2)
    # One message is hidden, so that the workers execute the other one only.
    (hidden,) = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1, VisibilityTimeout=300)["Messages"]
    system.hidden_call = hidden["ReceiptHandle"]
    system.start("agents-one", "agents", "http,calls")
    eventually(lambda: len(answered_calls(system, turn)) == 1)
    system.end("agents-one")
    assert len(answered_calls(system, turn)) == 1


def answered_calls(system: System, turn: str) -> list[dict[str, Any]]:
    calls = [row for row in system.scan("chat") if row["pk"]["S"] == f"TURN#{turn}" and "#CALL#" in row["sk"]["S"]]
    return [row for row in calls if "answer" in row]


def _queue_turns(system: System) -> None:
    untitled = system.open_conversation("queued", process="chat-a")
    begin = system.person("ann", "chat-a").begin
    system.notes.turns["queued"] = begin(untitled, "Who answers this, and when?", model="scripted.echo")
    deleted = system.open_conversation("deleted with a queued turn", process="chat-a", title="Doomed")
    system.notes.turns["queued and deleted"] = begin(deleted, "Nobody answers this.", model="scripted.echo")


def _delete(system: System) -> None:
    for name in ("deleted, not erased", "deleted with a queued turn"):
        system.call("ann", "chat-a", "DELETE", f"/api/chat/conversations/{system.notes.conversations[name]}")


def _request_cancel(system: System) -> None:
    """The runner is stopped, so that it does not read the request; then it is killed."""
    runner = system.start("chat-b", "chat", "http")
    conversation = system.open_conversation("cancel requested", process="chat-a", title="Cancel requested")
    turn = system.stream("cancel requested", conversation, "[[gap=200 tokens=60]] Tell me.", model="scripted.lorem",
                         process="chat-b", until="message.delta", count=2)  # fmt: skip
    runner.signal(signal.SIGSTOP)
    answer = system.call("ann", "chat-a", "POST", f"/api/chat/turns/{turn}/cancel").json
    assert answer["state"] == "running"
    assert answer["cancel_requested"]
    runner.kill()


def _hand_over(system: System) -> None:
    runner = system.start("chat-c", "chat", "http", drain_s="0")
    conversation = system.open_conversation("handed over", process="chat-a", title="Handed over")
    system.stream("handed over", conversation, "[[gap=200 tokens=60]] Tell me.", model="scripted.lorem",
                  process="chat-c", until="message.delta", count=2)  # fmt: skip
    runner.end()


def _leave_an_answered_call(system: System) -> None:
    """Agents has executed the call; its answer is on the turns queue."""
    conversation = system.open_conversation("call answered, not seen", process="chat-a", title="Answered")
    turn = system.stream("call answered, not seen", conversation, '[[tool=calculator:{"expression":"10/4"}]] Go.',
                         model="scripted.fast", tools=CALCULATOR, process="chat-a", until="tool.call")  # fmt: skip
    system.start("agents-two", "agents", "http,calls")
    eventually(lambda: [row for row in calls_of(system, turn) if row["state"] == {"S": "succeeded"}])
    system.end("agents-two")


def _kill_a_running_call(system: System) -> None:
    conversation = system.open_conversation("call interrupted", process="chat-a", title="Interrupted")
    nap = json.dumps({"seconds": 1.9, "run_log": "/dev/null"}, separators=(",", ":"))
    turn = system.stream("call interrupted", conversation, f"[[tool=nap:{nap}]] Sleep.", model="scripted.fast",
                         tools=["nap"], process="chat-a", until="tool.call")  # fmt: skip
    worker = system.start_slow_agents("agents-three", "http,calls")
    eventually(lambda: [row for row in calls_of(system, turn) if row["state"] == {"S": "running"}])
    worker.kill()
    assert [row["state"]["S"] for row in calls_of(system, turn)] == ["running"]


def calls_of(system: System, turn: str) -> list[dict[str, Any]]:
    """Agents' records of a turn's calls."""
    return [row for row in system.scan("agents") if row.get("turn_id") == {"S": turn} and row["sk"]["S"] == "CALL"]
