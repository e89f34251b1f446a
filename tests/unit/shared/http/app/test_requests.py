"""Requests as a route's function gets them, and request ids."""

import json
import re

import pytest
from structlog.testing import capture_logs

from tests.fakes.http_service import NOTE_ID, Client, Context, bearer
from tests.unit.shared.http.answers import expect

NOTES = "/api/notes/notes"
CANARY = "my-secret-canary"


async def test_a_body_is_parsed_into_its_model_and_a_reply_is_json(client: Client, context: Context) -> None:
    answer = await client.post(NOTES, json={"title": "한국어 😀"}, headers=bearer("me"))
    assert answer.status == 201
    assert answer.headers["ETag"] == '"1"'
    assert await answer.json() == {"id": NOTE_ID, "title": "한국어 😀", "by": "me"}
    assert context.seen[0].body.title == "한국어 😀"
    assert context.seen[0].operation == "write_note"


async def test_a_chunked_body_is_read_completely(client: Client) -> None:
    async def pieces():  # noqa: ANN202
        for byte in json.dumps({"title": "é"}, ensure_ascii=False).encode():
            yield bytes([byte])

    headers = bearer("me") | {"Content-Type": "application/json"}
    assert (await (await client.post(NOTES, data=pieces(), headers=headers)).json())["title"] == "é"


async def test_the_hash_of_a_body_does_not_depend_on_its_formatting(client: Client, context: Context) -> None:
    for body in ('{"title":"a","content":[]}', '{ "content": [ ],\n"title": "\\u0061" }', '{"title":"b"}'):
        headers = bearer("me") | {"Content-Type": "application/json"}
        assert (await client.post(NOTES, data=body, headers=headers)).status == 201
    same, also, other = (request.body_hash for request in context.seen)
    assert same == also != other
    assert re.fullmatch("[0-9a-f]{64}", same)


async def test_a_missing_optional_body_is_parsed_as_empty(client: Client, context: Context) -> None:
    assert (await client.post("/api/notes/payments", headers=bearer("me") | {"Idempotency-Key": "k"})).status == 204
    assert context.seen[0].body.title == ""


async def test_an_idempotency_key_may_be_any_printable_text(client: Client, context: Context) -> None:
    for key in ("k", "a b/c", "x" * 128):
        assert (await client.post(NOTES, json={}, headers=bearer("me") | {"Idempotency-Key": key})).status == 201
    assert [request.idempotency_key for request in context.seen] == ["k", "a b/c", "x" * 128]


@pytest.mark.parametrize("key", ["", "x" * 129, "a\tb"])
async def test_an_idempotency_key_that_is_empty_too_long_or_unprintable_is_refused(client: Client, key: str) -> None:
    answer = await client.post(NOTES, json={}, headers=bearer("me") | {"Idempotency-Key": key})
    details = await expect(answer, 422, "invalid-request")
    assert details["errors"][0]["pointer"] == "Idempotency-Key"


async def test_two_idempotency_keys_are_refused(client: Client) -> None:
    headers = [*bearer("me").items(), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    await expect(await client.post(NOTES, json={}, headers=headers), 422, "invalid-request")


async def test_an_idempotency_key_is_optional_unless_the_route_requires_it(client: Client) -> None:
    assert (await client.post(NOTES, json={}, headers=bearer("me"))).status == 201
    await expect(await client.post("/api/notes/payments", headers=bearer("me")), 400, "idempotency-key-missing")


@pytest.mark.parametrize(
    ("tag", "status", "slug"),
    [
        (None, 428, "precondition-required"),
        ("2", 422, "invalid-request"),
        ('"1"', 412, "precondition-failed"),
    ],
)
async def test_a_change_without_the_current_version_is_refused(
    client: Client, tag: str | None, status: int, slug: str
) -> None:
    headers = bearer("me") | ({"If-Match": tag} if tag else {})
    await expect(await client.put(f"{NOTES}/{NOTE_ID}", json={}, headers=headers), status, slug)


async def test_a_change_to_the_current_version_is_accepted(client: Client) -> None:
    answer = await client.put(f"{NOTES}/{NOTE_ID}", json={}, headers=bearer("me") | {"If-Match": '"2"'})
    assert answer.status == 204
    assert await answer.read() == b""


async def test_a_list_is_paged_by_cursors(client: Client) -> None:
    first = await (await client.get(NOTES, headers=bearer("me"))).json()
    second = await (await client.get(NOTES, params={"cursor": first["next_cursor"]}, headers=bearer("me"))).json()
    assert [page["items"][0]["title"] for page in (first, second)] == ["0", "1"]


async def test_a_cursor_of_another_caller_is_refused(client: Client) -> None:
    first = await (await client.get(NOTES, headers=bearer("me"))).json()
    answer = await client.get(NOTES, params={"cursor": first["next_cursor"]}, headers=bearer("you"))
    await expect(answer, 400, "invalid-cursor")


async def test_a_list_has_a_default_limit_and_repeatable_parameters(client: Client, context: Context) -> None:
    await client.get(NOTES, headers=bearer("me"))
    await client.get(f"{NOTES}?limit=200&tag=a&tag=b", headers=bearer("me"))
    assert [request.query.limit for request in context.seen] == [50, 200]
    assert [request.query.tag for request in context.seen] == [[], ["a", "b"]]


async def test_one_value_of_a_repeatable_parameter_is_a_list(client: Client, context: Context) -> None:
    await client.get(f"{NOTES}?tag=a", headers=bearer("me"))
    assert context.seen[0].query.tag == ["a"]


async def test_a_valid_request_id_is_kept(client: Client) -> None:
    answer = await client.get("/api/notes/health", headers={"X-Request-Id": "from-the-gateway.1"})
    assert answer.headers["X-Request-Id"] == "from-the-gateway.1"


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "with space here", "<script>alert", '{"a":"b"}xx', "-dashed-first"]
)
async def test_an_invalid_request_id_is_replaced(client: Client, given: str) -> None:
    answer = await client.get("/api/notes/health", headers={"X-Request-Id": given})
    assert re.fullmatch(r"req_[0-9A-Z]{26}", answer.headers["X-Request-Id"])


async def test_the_trace_of_the_caller_is_continued(client: Client, context: Context) -> None:
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    for header in (parent, "nonsense"):
        await client.post(NOTES, json={}, headers=bearer("me") | {"traceparent": header})
    known, new = (request.traceparent.split("-") for request in context.seen)
    assert known[1] == "0af7651916cd43dd8448eb211c80319c"
    assert known[2] != "b7ad6b7169203331"
    assert new[1] != known[1]


async def test_each_request_has_a_log_line_without_any_text_of_the_request(client: Client) -> None:
    with capture_logs() as lines:
        await client.post(NOTES, json={"title": CANARY}, headers=bearer(CANARY) | {"Idempotency-Key": CANARY})
        await client.get(f"{NOTES}?tag={CANARY}", headers=bearer("me"))
        await client.get(f"/api/notes/{CANARY}", headers={"X-Forwarded-For": CANARY, "Cookie": CANARY})
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [
        ("POST", NOTES, 201),
        ("GET", NOTES, 200),
        ("GET", "-", 404),
    ]
    assert all(line["took_ms"] >= 0 for line in lines)
    assert CANARY not in json.dumps(lines)


async def test_health_and_readiness_requests_are_not_logged(client: Client) -> None:
    with capture_logs() as lines:
        await client.get("/api/notes/health")
        await client.get("/api/notes/ready")
    assert lines == []
