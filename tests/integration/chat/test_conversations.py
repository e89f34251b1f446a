"""Conversations: list, rename and delete."""

from secrets import token_hex

import pytest

from tests.clients import Person, message_body, messages
from tests.polling import eventually
from tests.system import System

CONVERSATIONS = "/api/chat/conversations"


def test_conversations_are_listed_by_their_latest_activity(person: Person) -> None:
    first, second = person.open_conversation(title="one"), person.open_conversation(title="two")
    list(person.ask(first, "Up [[ttft=0 gap=0 tokens=2]]"))
    ids = [item["id"] for item in person.call("GET", CONVERSATIONS).json["items"]]
    assert ids.index(first) < ids.index(second)


def test_pages_contain_every_conversation_once(stranger: Person) -> None:
    opened = [stranger.open_conversation(title=f"c{number}") for number in range(7)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = stranger.call("GET", f"{CONVERSATIONS}?limit=3{cursor}").json
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert [each for each in seen if each in opened] == opened[::-1]
    assert len(seen) == len(set(seen))


def test_messages_are_listed_newest_first_in_pages(person: Person) -> None:
    conversation = person.open_conversation()
    for number in range(3):
        list(person.ask(conversation, f"Number {number} [[ttft=0 gap=0 tokens=2]]"))
    whole = [message["id"] for message in person.messages(conversation)][::-1]
    seen: list[str] = []
    cursor = ""
    while True:
        page = person.call("GET", f"{messages(conversation)}?limit=4{cursor}").json
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == whole


def test_a_conversation_is_renamed(person: Person) -> None:
    conversation = person.open_conversation()
    assert person.call("PATCH", f"{CONVERSATIONS}/{conversation}", {"title": "  Reise  "}).json["title"] == "Reise"
    assert person.call("PATCH", f"{CONVERSATIONS}/{conversation}", {"title": " "}).problem == "invalid-request"


def test_a_deleted_conversation_is_removed_from_all_tables_and_the_bucket(chat_system: System, person: Person) -> None:
    conversation = person.open_conversation(title="secret title")
    canary = f"canary-{token_hex(12)}"
    events = list(person.ask(conversation, f"{canary} [[ttft=0 gap=0 tokens=3]]"))
    list(person.ask(conversation, f"{canary} {'가' * 130_000}", model="scripted.fast"))
    running = person.ask(conversation, f"{canary} more [[ttft=50 gap=50 tokens=400]]")
    next(running)
    assert person.call("DELETE", f"{CONVERSATIONS}/{conversation}").status == 204
    assert list(running)[-1][1] == "turn.cancelled"
    for path in ("", "/messages"):
        assert person.call("GET", f"{CONVERSATIONS}/{conversation}{path}").problem == "not-found"
    assert person.call("GET", f"/api/chat/turns/{events[0][2]['turn_id']}").problem == "not-found"
    assert person.call("POST", messages(conversation), message_body("Anyone?")).problem == "not-found"
    assert eventually(lambda: not leftovers(chat_system, conversation, canary), 20), leftovers(
        chat_system, conversation, canary
    )


def leftovers(system: System, conversation: str, canary: str) -> list[str]:
    """The keys of items and objects that still contain the conversation's text."""
    dynamodb = system.stack.client("dynamodb")
    outputs = system.stack.outputs("chat")
    found: list[str] = []
    for table in (outputs["Table"], outputs["TurnLogTable"]):
        for page in dynamodb.get_paginator("scan").paginate(TableName=table):
            found += [str(item["pk"]) for item in page["Items"] if canary in str(item)]
    key = {"pk": {"S": f"CONV#{conversation}"}}
    rows = dynamodb.query(
        TableName=outputs["Table"], KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": key["pk"]}
    )
    bodies = system.stack.client("s3").list_objects_v2(
        Bucket=system.stack.platform["ContentBucket"], Prefix=f"chat/{conversation}/"
    )
    return [*found, *(str(item["sk"]) for item in rows["Items"]), *(each["Key"] for each in bodies.get("Contents", []))]


def test_after_deleting_all_conversations_the_list_is_empty(chat_system: System, person: Person) -> None:
    admin = Person(person.url, chat_system.token("admin@example.com"))
    for number in range(3):
        admin.open_conversation(title=f"c{number}")
    assert admin.call("DELETE", CONVERSATIONS).json["deleted"] >= 3
    assert admin.call("GET", CONVERSATIONS).json == {"items": [], "next_cursor": None}


def test_another_persons_conversation_is_not_found(person: Person, stranger: Person) -> None:
    conversation = person.open_conversation()
    where = f"{CONVERSATIONS}/{conversation}"
    for method, path, body in [
        ("GET", where, None),
        ("PATCH", where, {"title": "mine"}),
        ("DELETE", where, None),
        ("GET", f"{where}/messages", None),
        ("POST", f"{where}/messages", message_body("hello")),
        ("POST", f"{where}/messages/msg_01ARZ3NDEKTSV4RRFFQ69G5FAV/turns", {}),
    ]:
        answer = stranger.call(method, path, body)
        assert (answer.status, answer.problem) == (404, "not-found"), (method, path)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"content": []},
        {"content": [{"type": "text", "text": "  "}]},
        {"content": [{"type": "tool_result", "call_id": "x", "status": "success", "output": 1, "took_ms": 1}]},
        {"content": [{"type": "text", "text": "x" * 400_001}]},
        {"content": [{"type": "text", "text": "x"}], "role": "assistant"},
        {"content": [{"type": "text", "text": "x"}], "parent_id": "msg_1"},
        {"content": [{"type": "text", "text": "\ud800"}]},
    ],
)
def test_an_invalid_message_is_refused_with_field_errors(person: Person, body: dict[str, object]) -> None:
    answer = person.call("POST", messages(person.open_conversation()), body)
    assert (answer.status, answer.problem) == (422, "invalid-request")
    assert answer.json["errors"]


def test_a_model_that_is_not_offered_is_refused(person: Person) -> None:
    answer = person.call("POST", messages(person.open_conversation()), message_body("Hi", model="claude-opus-4-7"))
    assert answer.problem in {"model-not-found", "model-not-allowed"}


def test_a_message_too_large_for_an_item_is_stored_and_read(person: Person) -> None:
    conversation = person.open_conversation()
    text = "가" * 130_000
    list(person.ask(conversation, text, model="scripted.fast"))
    assert person.messages(conversation)[0]["content"][0]["text"] == text
