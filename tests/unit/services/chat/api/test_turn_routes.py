"""Messages and turns over HTTP: said, streamed, followed, stopped."""

import asyncio
from typing import Any

import pytest

from services.chat.domain import Turn
from services.chat.tables.turn_log import RETENTION_S
from shared.llm.port import TextDelta
from tests.fakes.chat_service import until, user
from tests.unit.services.chat.api.conftest import Api, said

UNKNOWN = "turn_01J00000000000000000000000"
WHOLE = ["turn.started", "message.delta", "usage", "turn.completed"]


async def running(api: Api) -> Turn:
    """A turn that says a word and then nothing more."""
    api.chat.models.answers = [TextDelta("Hel"), asyncio.Event()]
    head = await api.chat.conversations.get(user("ann"), await api.open())
    turn, _ = await api.chat.running_turn(head)
    await until(lambda: (live := api.chat.broadcast.find(turn.id)) and len(live._frames) == 2)
    return turn


async def test_a_message_is_answered_by_its_stream(api: Api) -> None:
    conversation = await api.open()
    events = await api.events("POST", f"/conversations/{conversation}/messages", said("Hello?"))
    assert events == [(str(seq), event) for seq, event in enumerate(WHOLE, start=1)]


async def test_without_a_stream_a_message_is_accepted_and_somebody_summoned(api: Api) -> None:
    conversation = await api.open()
    status, accepted, headers = await api.call("POST", f"/conversations/{conversation}/messages", said("Hello?"))
    assert status == 202
    assert headers["Location"] == f"/api/chat/turns/{accepted['turn_id']}"
    assert api.chat.models.requests == []
    await api.chat.receive_run_turn(accepted["turn_id"])
    _, page, _ = await api.call("GET", f"/conversations/{conversation}/messages")
    assert [message["id"] for message in page["items"]] == [accepted["message_id"], accepted["user_message_id"]]


async def test_the_tree_is_read_newest_first_with_all_that_people_may_know(api: Api) -> None:
    conversation = await api.open()
    turn = await api.answered(conversation)
    _, page, _ = await api.call("GET", f"/conversations/{conversation}/messages")
    answer, question = page["items"]
    assert question["content"] == [{"type": "text", "text": "Hello?"}]
    assert (answer["parent_id"], answer["turn_id"], answer["status"]) == (question["id"], turn["id"], "complete")
    assert answer["usage"]["basis"] == "reported"
    assert "conversation_id" not in answer
    assert page["next_cursor"] is None


async def test_the_tree_goes_on_where_its_cursor_says(api: Api) -> None:
    conversation = await api.open()
    await api.answered(conversation, "One")
    await api.answered(conversation, "Two")
    path = f"/conversations/{conversation}/messages?limit=3"
    _, first, _ = await api.call("GET", path)
    _, second, _ = await api.call("GET", f"{path}&cursor={first['next_cursor']}")
    assert len({message["id"] for message in [*first["items"], *second["items"]]}) == 4


async def test_a_message_is_answered_again_with_or_without_a_body(api: Api) -> None:
    conversation = await api.open()
    turn = await api.answered(conversation)
    path = f"/conversations/{conversation}/messages/{turn['user_message_id']}/turns"
    assert (await api.events("POST", path))[-1][1] == "turn.completed"
    status, accepted, _ = await api.call("POST", path, {"model": "scripted.fast"})
    assert (status, accepted["user_message_id"]) == (202, turn["user_message_id"])


async def test_a_message_sent_twice_is_said_once(api: Api) -> None:
    conversation = await api.open()
    path = f"/conversations/{conversation}/messages"
    first = await api.events("POST", path, said("Hello?"), idempotency_key="k")
    again = await api.events("POST", path, said("Hello?"), idempotency_key="k")
    assert first == again
    assert len((await api.call("GET", path))[1]["items"]) == 2
    status, problem, _ = await api.call("POST", path, said("Other"), idempotency_key="k")
    assert (status, problem["type"]) == (409, "/problems/idempotency-key-reused")


async def test_one_key_may_serve_two_conversations(api: Api) -> None:
    for conversation in (await api.open(), await api.open()):
        status, _, _ = await api.call(
            "POST", f"/conversations/{conversation}/messages", said("Hello?"), idempotency_key="k"
        )
        assert status == 202


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        (said(" "), 422, "invalid-request"),
        (said("x", parent_id="msg_01J00000000000000000000000"), 404, "not-found"),
        (said("x", model="no.such"), 404, "model-not-found"),
        ({}, 422, "invalid-request"),
    ],
)
async def test_what_cannot_be_answered_is_a_problem(api: Api, body: Any, status: int, slug: str) -> None:
    conversation = await api.open()
    for accept in ("text/event-stream", "application/json"):
        answer = await api.call("POST", f"/conversations/{conversation}/messages", body, Accept=accept)
        assert (answer[0], answer[1]["type"]) == (status, f"/problems/{slug}")


async def test_nobody_writes_under_an_answer_that_is_being_written(api: Api) -> None:
    turn = await running(api)
    status, problem, _ = await api.call("POST", f"/conversations/{turn.conversation_id}/messages", said("And?"))
    assert (status, problem["type"]) == (409, "/problems/turn-in-progress")
    await api.chat.runner.drain()


@pytest.mark.parametrize("after", [0, 2, 3, 4, 99])
async def test_a_turn_is_followed_from_any_place(api: Api, after: int) -> None:
    turn = await api.answered(await api.open())
    rest = [(str(seq), event) for seq, event in enumerate(WHOLE, start=1)][after:]
    assert await api.events("GET", f"/turns/{turn['id']}/events?after={after}") == rest
    assert await api.events("GET", f"/turns/{turn['id']}/events", Last_Event_ID=str(after)) == rest


async def test_the_header_outweighs_the_query(api: Api) -> None:
    turn = await api.answered(await api.open())
    events = await api.events("GET", f"/turns/{turn['id']}/events?after=1", Last_Event_ID="3")
    assert events == [("4", "turn.completed")]


@pytest.mark.parametrize("position", ["-1", "x", "1.5", "²", "123456789"])
async def test_a_place_that_is_none_is_refused(api: Api, position: str) -> None:
    turn = await api.answered(await api.open())
    status, problem, _ = await api.call("GET", f"/turns/{turn['id']}/events", Last_Event_ID=position)
    assert (status, problem["errors"][0]["pointer"]) == (422, "Last-Event-ID")
    assert (await api.call("GET", f"/turns/{turn['id']}/events?after=-1"))[0] == 422


async def test_a_log_that_is_no_longer_kept_is_gone(api: Api) -> None:
    turn = await api.answered(await api.open())
    api.chat.clock.advance(RETENTION_S)
    status, problem, _ = await api.call("GET", f"/turns/{turn['id']}/events")
    assert (status, problem["type"]) == (410, "/problems/stream-expired")
    assert (await api.call("GET", f"/turns/{turn['id']}"))[0] == 200


async def test_a_turn_is_stopped(api: Api) -> None:
    turn = await running(api)
    status, stopped, _ = await api.call("POST", f"/turns/{turn.id}/cancel")
    assert (status, stopped["state"]) == (200, "cancelled")
    assert (await api.events("GET", f"/turns/{turn.id}/events"))[-1][1] == "turn.cancelled"
    assert (await api.call("POST", f"/turns/{turn.id}/cancel"))[1] == stopped


async def test_a_turn_shows_its_state_and_no_more_than_that(api: Api) -> None:
    turn = await api.answered(await api.open())
    assert (turn["state"], turn["stop_reason"], turn["error"], turn["attempt"]) == ("completed", "end_turn", None, 1)
    assert {"owner_id", "lease_until", "deadline", "traceparent"}.isdisjoint(turn)


@pytest.mark.parametrize("who", ["ann", "bob"])
async def test_what_is_anothers_or_never_was_is_not_there(api: Api, who: str) -> None:
    turn_id = UNKNOWN if who == "ann" else (await api.answered(await api.open()))["id"]
    for method, path in (("GET", ""), ("GET", "/events"), ("POST", "/cancel")):
        assert (await api.call(method, f"/turns/{turn_id}{path}", who=who))[0] == 404


async def test_another_persons_conversation_takes_no_message(api: Api) -> None:
    conversation = await api.open()
    turn = await api.answered(conversation)
    for path in ("messages", f"messages/{turn['user_message_id']}/turns"):
        body = said("Hello?") if path == "messages" else None
        assert (await api.call("POST", f"/conversations/{conversation}/{path}", body, "bob"))[0] == 404


async def test_a_listener_who_goes_away_stops_nothing(api: Api) -> None:
    go = asyncio.Event()
    api.chat.models.answers = [TextDelta("Hel"), go, *api.chat.models.answers]
    conversation = await api.open()
    request = api.client.post(
        f"/api/chat/conversations/{conversation}/messages",
        json=said("Hello?"),
        headers={"Authorization": "Bearer token-of-ann", "Accept": "text/event-stream"},
    )
    async with request as answer:
        await answer.content.readline()
    go.set()
    head = await api.chat.conversations.get(user("ann"), conversation)
    (turn_id,) = head.running_turns
    assert (await api.events("GET", f"/turns/{turn_id}/events"))[-1][1] == "turn.completed"
