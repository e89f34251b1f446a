"""Every error is answered with problem details that contain nothing confidential."""

import asyncio
import json

import pytest
from aiohttp import web
from structlog.testing import capture_logs
from yarl import URL

from shared.http import RequestLimits
from shared.problems import problem
from tests.fakes.http_service import NOTE_ID, Client, Context, bearer, notes_client
from tests.unit.shared.http.answers import expect

CANARY = "my-secret-canary"
JSON = {"Content-Type": "application/json"}


async def test_an_unknown_path_is_not_found(client: Client) -> None:
    await expect(await client.get("/api/notes/nothing"), 404, "not-found")


async def test_another_method_of_a_known_path_is_not_allowed(client: Client) -> None:
    answer = await client.patch("/api/notes/notes", headers=bearer("me"))
    await expect(answer, 405, "method-not-allowed")
    assert answer.headers["Allow"] == "GET,POST"


@pytest.mark.parametrize(
    "id_", ["conv_01J00000000000000000000000", "doc_short", "doc_01J0000000000000000000000%0A", "%20"]
)
async def test_an_id_of_the_wrong_form_is_not_found(client: Client, id_: str) -> None:
    answer = await client.put(f"/api/notes/notes/{id_}", headers=bearer("me") | {"If-Match": '"2"'}, json={})
    await expect(answer, 404, "not-found")


@pytest.mark.parametrize("body", [b"", b"{", b"[NaN]", b'{"a": 1, "a": 2}', b"\xff", b"[" * 5000])
async def test_a_body_that_is_not_json_is_malformed(client: Client, body: bytes) -> None:
    answer = await client.post("/api/notes/notes", data=body, headers=bearer("me") | JSON)
    await expect(answer, 400, "malformed-json")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {"Content-Type": ""},
        {"Content-Type": "application/json; charset"},
    ],
)
async def test_a_body_of_another_media_type_is_refused(client: Client, headers: dict[str, str]) -> None:
    answer = await client.post("/api/notes/notes", data=b"{}", headers=bearer("me") | headers)
    if headers["Content-Type"] == "application/json; charset":  # a parameter without a value is ignored
        assert answer.status == 201
    else:
        await expect(answer, 415, "unsupported-media-type")


async def test_invalid_values_are_named_but_not_repeated(client: Client) -> None:
    answer = await client.post("/api/notes/notes", json={"title": 5, "content": [CANARY]}, headers=bearer("me"))
    details = await expect(answer, 422, "invalid-request")
    assert {error["pointer"] for error in details["errors"]} == {"#/title", "#/content/0"}
    assert CANARY not in json.dumps(details)


async def test_a_lone_surrogate_is_an_invalid_value(client: Client) -> None:
    answer = await client.post("/api/notes/notes", data=rb'{"anything": "\ud800"}', headers=bearer("me") | JSON)
    details = await expect(answer, 422, "invalid-request")
    assert details["errors"][0]["pointer"] == "#/anything"


async def test_a_body_larger_than_its_route_allows_is_refused(client: Client) -> None:
    big = {"title": "x" * 300}
    assert (await client.post("/api/notes/notes", json=big, headers=bearer("me"))).status == 201
    answer = await client.put(f"/api/notes/notes/{NOTE_ID}", json=big, headers=bearer("me") | {"If-Match": '"2"'})
    await expect(answer, 413, "payload-too-large")


async def test_a_chunked_body_that_is_too_large_is_refused(client: Client) -> None:
    async def endless():  # noqa: ANN202
        for _ in range(3 * 1024):
            yield b" " * 1024

    answer = await client.post("/api/notes/notes", data=endless(), headers=bearer("me") | JSON)
    await expect(answer, 413, "payload-too-large")


async def test_a_body_that_does_not_arrive_in_time_is_refused() -> None:
    async def stuck():  # noqa: ANN202
        yield b"{"
        await asyncio.sleep(30)

    async with notes_client(limits=RequestLimits(body_read_s=0.05)) as client:
        answer = await client.post("/api/notes/notes", data=stuck(), headers=bearer("me") | JSON)
        await expect(answer, 408, "request-timeout")


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "limit=1&limit=2", "cursor=no", "unknown=1"])
async def test_an_invalid_query_parameter_is_named(client: Client, query: str) -> None:
    answer = await client.get(f"/api/notes/notes?{query}", headers=bearer("me"))
    details = await expect(answer, 422, "invalid-request")
    assert details["errors"][0]["pointer"] == "?" + query.split("=", maxsplit=1)[0]


@pytest.mark.parametrize("address", ["/api/notes/notes?tag=%00", "/api/notes/notes?tag=%ff", "/api/notes/%ff", "/%00"])
async def test_a_url_that_is_not_utf_8_is_malformed(client: Client, address: str) -> None:
    await expect(await client.get(URL(address, encoded=True), headers=bearer("me")), 400, "malformed-request")


async def test_a_url_that_is_too_long_is_malformed(client: Client) -> None:
    await expect(await client.get("/api/notes/" + "x" * 2100), 400, "malformed-request")


async def test_a_problem_that_a_service_raises_is_sent_with_its_headers(client: Client, context: Context) -> None:
    context.fault = problem("too-many-turns", "Three are running.", retry_after=7)
    answer = await client.get("/api/notes/fault")
    details = await expect(answer, 429, "too-many-turns")
    assert details["detail"] == "Three are running."
    assert answer.headers["Retry-After"] == "7"


@pytest.mark.parametrize(
    "fault",
    [
        RuntimeError(CANARY),
        KeyError(CANARY),
        TimeoutError(CANARY),
        ConnectionResetError(CANARY),
        RecursionError(CANARY),
        web.HTTPInternalServerError(text=CANARY),
    ],
)
async def test_an_unexpected_error_is_logged_and_not_revealed(
    client: Client, context: Context, fault: Exception
) -> None:
    context.fault = fault
    with capture_logs() as lines:
        answer = await client.get("/api/notes/fault")
        details = await expect(answer, 500, "internal-error")
    assert CANARY not in json.dumps(details)
    if not isinstance(fault, web.HTTPException):
        logged = [line for line in lines if line["event"] == "http.failed"]
        assert [line["error"] for line in logged] == [type(fault).__name__]
        assert logged[0]["exc_info"] is fault


async def test_a_redirect_is_not_a_problem(client: Client, context: Context) -> None:
    context.fault = web.HTTPFound("/problems")
    answer = await client.get("/api/notes/fault", allow_redirects=False)
    assert answer.status == 302


async def test_a_cancelled_request_is_not_logged_as_an_error(context: Context) -> None:
    context.fault = asyncio.CancelledError()
    with capture_logs() as lines:
        async with notes_client(context) as client:
            with pytest.raises(Exception, match=r".*"):
                await client.get("/api/notes/fault")
    assert {(line["log_level"], line["status"]) for line in lines if line["event"] == "http.request"} == {("info", 499)}
    assert not [line for line in lines if line["log_level"] == "error"]
