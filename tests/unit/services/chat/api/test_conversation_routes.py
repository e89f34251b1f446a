"""Conversations over HTTP."""

from typing import Any

import pytest

from tests.fakes.chat_service import user
from tests.unit.services.chat.api.conftest import Api

UNKNOWN = "conv_01J00000000000000000000000"


async def test_a_conversation_is_opened_read_renamed_and_deleted(api: Api) -> None:
    status, made, headers = await api.call("POST", "/conversations", {"title": " Trip "})
    assert (status, made["title"], made["title_source"], made["running_turns"]) == (201, "Trip", "owner", [])
    path = f"/conversations/{made['id']}"
    assert headers["Location"] == f"/api/chat{path}"
    assert (await api.call("GET", path))[:2] == (200, made)
    status, renamed, _ = await api.call("PATCH", path, {"title": "Rome"})
    assert (status, renamed["title"]) == (200, "Rome")
    assert (await api.call("DELETE", path))[0] == 204
    assert (await api.call("GET", path))[0] == 404


async def test_no_body_opens_a_conversation_without_a_title(api: Api) -> None:
    status, made, _ = await api.call("POST", "/conversations")
    assert (status, made["title"], made["title_source"]) == (201, "", "default")


async def test_a_conversation_has_its_public_fields_only(api: Api) -> None:
    _, made, _ = await api.call("POST", "/conversations", {"title": "Trip"})
    assert made.keys() == {
        "id", "title", "title_source", "model", "created_at", "updated_at", "last_message_id", "running_turns",
    }  # fmt: skip


@pytest.mark.parametrize("body", [{"title": ""}, {"title": "x" * 201}, {"title": 1}, {"owner_id": "bob"}])
async def test_an_invalid_body_is_refused(api: Api, body: dict[str, Any]) -> None:
    assert (await api.call("POST", "/conversations", body))[0] == 422
    path = f"/conversations/{await api.open()}"
    assert (await api.call("PATCH", path, body))[0] == 422


@pytest.mark.parametrize("conversation", [UNKNOWN, "nonsense", "turn_01J00000000000000000000000"])
async def test_an_unknown_conversation_is_not_found(api: Api, conversation: str) -> None:
    path = f"/conversations/{conversation}"
    for method, body in (("GET", None), ("PATCH", {"title": "x"}), ("DELETE", None)):
        assert (await api.call(method, path, body))[0] == 404


async def test_another_persons_conversation_is_not_found(api: Api) -> None:
    path = f"/conversations/{await api.open()}"
    for method, body in (("GET", None), ("PATCH", {"title": "x"}), ("DELETE", None)):
        assert (await api.call(method, path, body, "bob"))[0] == 404
    assert (await api.call("GET", f"{path}/messages", user_id="bob"))[0] == 404
    assert (await api.call("GET", "/conversations", user_id="bob"))[1]["items"] == []
    assert (await api.call("GET", path))[1]["title"] == "Trip"


async def test_a_list_continues_at_its_cursor(api: Api) -> None:
    made = [await api.open(title=str(number)) for number in range(5)]
    seen, path = [], "/conversations?limit=2"
    while path:
        _, page, _ = await api.call("GET", path)
        seen += [head["id"] for head in page["items"]]
        path = f"/conversations?limit=2&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert seen == made[::-1]


async def test_a_cursor_of_another_person_is_refused(api: Api) -> None:
    for _ in range(2):
        await api.open()
    cursor = (await api.call("GET", "/conversations?limit=1"))[1]["next_cursor"]
    assert (await api.call("GET", f"/conversations?cursor={cursor}", user_id="bob"))[0] == 400


async def test_the_same_key_opens_one_conversation(api: Api) -> None:
    first = await api.call("POST", "/conversations", {"title": "Trip"}, idempotency_key="k")
    again = await api.call("POST", "/conversations", {"title": "Trip"}, idempotency_key="k")
    assert first[1] == again[1]
    status, problem, _ = await api.call("POST", "/conversations", {"title": "Other"}, idempotency_key="k")
    assert (status, problem["type"]) == (409, "/problems/idempotency-key-reused")


async def test_all_conversations_of_the_caller_are_deleted(api: Api) -> None:
    for user_id in ("ann", "ann", "bob"):
        await api.open(user_id)
    assert (await api.call("DELETE", "/conversations"))[:2] == (200, {"deleted": 2})
    assert (await api.call("GET", "/conversations"))[1]["items"] == []
    assert len((await api.call("GET", "/conversations", user_id="bob"))[1]["items"]) == 1


async def test_a_conversation_names_the_turns_that_run_in_it(api: Api) -> None:
    conversation = await api.open()
    head = await api.chat.conversations.get(user("ann"), conversation)
    turn = (await api.chat.start(head)).turn
    assert (await api.call("GET", f"/conversations/{conversation}"))[1]["running_turns"] == [turn.id]


async def test_the_models_are_listed_with_their_prices_and_one_is_the_default(api: Api) -> None:
    _, page, _ = await api.call("GET", "/models")
    assert page["next_cursor"] is None
    assert [model["id"] for model in page["items"]] == [model.id for model in api.chat.catalogue]
    assert [model["id"] for model in page["items"] if model["default"]] == ["scripted.echo"]
    assert page["items"][0]["prices"] == {"input": "1", "output": "5", "cache_read": "0.1", "cache_write": "1.25"}
    assert page["items"][0]["notice"] == "scripted_model"


async def test_requests_without_a_token_are_refused(api: Api) -> None:
    for path in ("/conversations", "/models", f"/conversations/{UNKNOWN}"):
        async with api.client.get(f"/api/chat{path}") as answer:
            assert answer.status == 401
