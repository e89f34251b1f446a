"""Messages and turns over HTTP: send, stream, follow, cancel."""

import asyncio
from typing import Any

import pytest

from services.chat.domain import Turn
from services.chat.tables.turn_log import RETENTION_S
from shared.llm.port import TextDelta
from tests.fakes.chat_service import until, user
from tests.unit.services.chat.api.conftest import Api, message_body

UNKNOWN = "turn_01J00000000000000000000000"
WHOLE = ["turn.started", "message.delta", "usage", "turn.completed"]


async def start_hanging_turn(api: Api) -> Turn:
    """Start a turn whose model sends one delta and then hangs."""
    api.chat.models.answers = [TextDelta("Hel"), asyncio.Event()]
    head = await api.chat.conversations.get(user("ann"), await api.open())
    turn, _ = await api.chat.running_turn(head)
    await until(lambda: (live := api.chat.broadcast.find(turn.id)) and len(live._frames) == 2)
    return turn


async def test_sending_a_message_streams_its_turn(api: Api) -> None:
    conversation = await api.open()
    events = await api.events("POST", f"/conversations/{conversation}/messages", message_body("Hello?"))
    assert events == [(str(seq), event) for seq, event in enumerate(WHOLE, start=1)]


async def test_without_a_stream_a_message_is_accepted_and_its_turn_enqueued(api: Api) -> None:
    conversation = await api.open()
    status, accepted, headers = await api.call(
        "POST", f"/conversations/{conversation}/messages", message_body("Hello?")
    )
    assert status == 202
    assert headers["Location"] == f"/api/chat/turns/{accepted['turn_id']}"
    assert api.chat.models.requests == []
    await api.chat.receive_run_turn(accepted["turn_id"])
    _, page, _ = await api.call("GET", f"/conversations/{conversation}/messages")
    assert [message["id"] for message in page["items"]] == [accepted["message_id"], accepted["user_message_id"]]


async def test_messages_are_listed_newest_first_with_their_public_fields(api: Api) -> None:
    conversation = await api.open()
    turn = await api.completed_turn(conversation)
    _, page, _ = await api.call("GET", f"/conversations/{conversation}/messages")
    answer, question = page["items"]
    assert question["content"] == [{"type": "text", "text": "Hello?"}]
    assert (answer["parent_id"], answer["turn_id"], answer["status"]) == (question["id"], turn["id"], "complete")
    assert answer["usage"]["basis"] == "reported"
    assert "conversation_id" not in answer
    assert page["next_cursor"] is None


async def test_the_list_of_messages_continues_at_its_cursor(api: Api) -> None:
    conversation = await api.open()
    await api.completed_turn(conversation, "One")
    await api.completed_turn(conversation, "Two")
    path = f"/conversations/{conversation}/messages?limit=3"
    _, first, _ = await api.call("GET", path)
    _, second, _ = await api.call("GET", f"{path}&cursor={first['next_cursor']}")
    assert len({message["id"] for message in [*first["items"], *second["items"]]}) == 4


async def test_another_turn_for_a_message_starts_with_or_without_a_body(api: Api) -> None:
    conversation = await api.open()
    turn = await api.completed_turn(conversation)
    path = f"/conversations/{conversation}/messages/{turn['user_message_id']}/turns"
    assert (await api.events("POST", path))[-1][1] == "turn.completed"
    status, accepted, _ = await api.call("POST", path, {"model": "scripted.fast"})
    assert (status, accepted["user_message_id"]) == (202, turn["user_message_id"])


async def test_a_message_sent_twice_with_one_key_is_stored_once(api: Api) -> None:
    conversation = await api.open()
    path = f"/conversations/{conversation}/messages"
    first = await api.events("POST", path, message_body("Hello?"), idempotency_key="k")
    again = await api.events("POST", path, message_body("Hello?"), idempotency_key="k")
    assert first == again
    assert len((await api.call("GET", path))[1]["items"]) == 2
    status, problem, _ = await api.call("POST", path, message_body("Other"), idempotency_key="k")
    assert (status, problem["type"]) == (409, "/problems/idempotency-key-reused")


async def test_the_same_key_may_be_used_in_two_conversations(api: Api) -> None:
    for conversation in (await api.open(), await api.open()):
        status, _, _ = await api.call(
            "POST", f"/conversations/{conversation}/messages", message_body("Hello?"), idempotency_key="k"
        )
        assert status == 202


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        (message_body(" "), 422, "invalid-request"),
        (message_body("x", parent_id="msg_01J00000000000000000000000"), 404, "not-found"),
        (message_body("x", model="no.such"), 404, "model-not-found"),
        ({}, 422, "invalid-request"),
    ],
)
async def test_a_message_that_cannot_be_sent_is_a_problem(api: Api, body: Any, status: int, slug: str) -> None:
    conversation = await api.open()
    for accept in ("text/event-stream", "application/json"):
        answer = await api.call("POST", f"/conversations/{conversation}/messages", body, Accept=accept)
        assert (answer[0], answer[1]["type"]) == (status, f"/problems/{slug}")


async def test_a_message_to_a_conversation_with_a_running_turn_is_refused(api: Api) -> None:
    turn = await start_hanging_turn(api)
    status, problem, _ = await api.call("POST", f"/conversations/{turn.conversation_id}/messages", message_body("And?"))
    assert (status, problem["type"]) == (409, "/problems/turn-in-progress")
    await api.chat.runner.drain()


@pytest.mark.parametrize("after", [0, 2, 3, 4, 99])
async def test_a_turn_is_followed_from_any_position(api: Api, after: int) -> None:
    turn = await api.completed_turn(await api.open())
    rest = [(str(seq), event) for seq, event in enumerate(WHOLE, start=1)][after:]
    assert await api.events("GET", f"/turns/{turn['id']}/events?after={after}") == rest
    assert await api.events("GET", f"/turns/{turn['id']}/events", Last_Event_ID=str(after)) == rest


async def test_last_event_id_takes_precedence_over_the_query(api: Api) -> None:
    turn = await api.completed_turn(await api.open())
    events = await api.events("GET", f"/turns/{turn['id']}/events?after=1", Last_Event_ID="3")
    assert events == [("4", "turn.completed")]


@pytest.mark.parametrize("position", ["-1", "x", "1.5", "²", "123456789"])
async def test_an_invalid_position_is_refused(api: Api, position: str) -> None:
    turn = await api.completed_turn(await api.open())
    status, problem, _ = await api.call("GET", f"/turns/{turn['id']}/events", Last_Event_ID=position)
    assert (status, problem["errors"][0]["pointer"]) == (422, "Last-Event-ID")
    assert (await api.call("GET", f"/turns/{turn['id']}/events?after=-1"))[0] == 422


async def test_following_a_turn_whose_log_expired_is_gone(api: Api) -> None:
    turn = await api.completed_turn(await api.open())
    api.chat.clock.advance(RETENTION_S)
    status, problem, _ = await api.call("GET", f"/turns/{turn['id']}/events")
    assert (status, problem["type"]) == (410, "/problems/stream-expired")
    assert (await api.call("GET", f"/turns/{turn['id']}"))[0] == 200


async def test_a_running_turn_is_cancelled(api: Api) -> None:
    turn = await start_hanging_turn(api)
    status, stopped, _ = await api.call("POST", f"/turns/{turn.id}/cancel")
    assert (status, stopped["state"]) == (200, "cancelled")
    assert (await api.events("GET", f"/turns/{turn.id}/events"))[-1][1] == "turn.cancelled"
    assert (await api.call("POST", f"/turns/{turn.id}/cancel"))[1] == stopped


async def test_a_turn_shows_its_state_and_no_internal_fields(api: Api) -> None:
    turn = await api.completed_turn(await api.open())
    assert (turn["state"], turn["stop_reason"], turn["error"], turn["attempt"]) == ("completed", "end_turn", None, 1)
    assert {"owner_id", "lease_until", "deadline", "traceparent"}.isdisjoint(turn)


@pytest.mark.parametrize("user_id", ["ann", "bob"])
async def test_an_unknown_turn_or_one_of_another_person_is_not_found(api: Api, user_id: str) -> None:
    turn_id = UNKNOWN if user_id == "ann" else (await api.completed_turn(await api.open()))["id"]
    for method, path in (("GET", ""), ("GET", "/events"), ("POST", "/cancel")):
        assert (await api.call(method, f"/turns/{turn_id}{path}", user_id=user_id))[0] == 404


async def test_a_message_to_another_persons_conversation_is_not_found(api: Api) -> None:
    conversation = await api.open()
    turn = await api.completed_turn(conversation)
    for path in ("messages", f"messages/{turn['user_message_id']}/turns"):
        body = message_body("Hello?") if path == "messages" else None
        assert (await api.call("POST", f"/conversations/{conversation}/{path}", body, "bob"))[0] == 404


async def test_a_client_that_disconnects_does_not_stop_the_turn(api: Api) -> None:
    proceed = asyncio.Event()
    api.chat.models.answers = [TextDelta("Hel"), proceed, *api.chat.models.answers]
    conversation = await api.open()
    request = api.client.post(
        f"/api/chat/conversations/{conversation}/messages",
        json=message_body("Hello?"),
        headers={"Authorization": "Bearer token-of-ann", "Accept": "text/event-stream"},
    )
    async with request as answer:
        await answer.content.readline()
    proceed.set()
    head = await api.chat.conversations.get(user("ann"), conversation)
    (turn_id,) = head.running_turns
    assert (await api.events("GET", f"/turns/{turn_id}/events"))[-1][1] == "turn.completed"
