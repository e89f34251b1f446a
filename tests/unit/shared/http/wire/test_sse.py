"""Server-sent events: frames, heartbeats, and the ends of streams."""

import asyncio
import json

import pytest
from aiohttp import ClientPayloadError, ClientResponse, ClientSession
from structlog.testing import capture_logs

from shared.http import RequestLimits, ServerEvent, serving
from tests.fakes.http_service import Client, Context, Note, notes_app, notes_client
from tests.unit.shared.http.answers import expect, soon

EVENTS = "/api/notes/events"
HELLO = ServerEvent.of("message.delta", {"text": "hello\nworld 한"}, id="1")


async def test_a_frame_has_id_event_and_one_line_of_data(client: Client, context: Context) -> None:
    context.frames = [HELLO, ServerEvent.of("turn.completed", {}, id="2"), ServerEvent("note", "{}")]
    context.more.set()
    answer = await client.get(EVENTS)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Accel-Buffering"] == "no"
    assert answer.headers["X-Request-Id"]
    assert (await answer.text()).split("\n\n") == [
        'id: 1\nevent: message.delta\ndata: {"text":"hello\\nworld 한"}',
        "id: 2\nevent: turn.completed\ndata: {}",
        "event: note\ndata: {}",
        "",
    ]


def test_separators_at_which_some_clients_split_lines_are_escaped() -> None:
    event = ServerEvent.of("n", {"text": "a\u0085b\u2028c\u2029d 한"})
    data = event.encode().split(b"data: ")[1].decode().rstrip("\n")
    assert not {"\u0085", "\u2028", "\u2029"} & set(data)
    assert json.loads(data) == {"text": "a\u0085b\u2028c\u2029d 한"}


@pytest.mark.parametrize("frame", [ServerEvent("a\nb", "{}"), ServerEvent("a", "{\n}"), ServerEvent("a", "{}", "1\r2")])
def test_a_field_with_a_line_break_is_refused(frame: ServerEvent) -> None:
    with pytest.raises(ValueError, match="one line"):
        frame.encode()


async def test_last_event_id_is_passed_to_the_route(client: Client, context: Context) -> None:
    context.more.set()
    await client.get(EVENTS, headers={"Last-Event-ID": "41"})
    await client.get(EVENTS)
    assert [request.last_event_id for request in context.seen] == ["41", None]


async def test_a_last_event_id_that_is_too_long_is_refused(client: Client) -> None:
    await expect(await client.get(EVENTS, headers={"Last-Event-ID": "9" * 129}), 422, "invalid-request")


async def test_the_first_frame_is_sent_at_once(client: Client, context: Context) -> None:
    context.frames = [HELLO]
    answer = await client.get(EVENTS)
    assert await answer.content.readuntil(b"\n\n") == HELLO.encode()
    assert not context.closed.is_set()
    answer.close()


async def test_a_silent_stream_sends_comments_as_heartbeat(context: Context) -> None:
    async with notes_client(context, limits=RequestLimits(heartbeat_s=0.02)) as client:
        answer = await client.get(EVENTS)
        for _ in range(3):
            assert (await answer.content.readuntil(b"\n\n")).startswith(b": ")
        answer.close()


async def test_a_busy_stream_sends_no_comments(context: Context) -> None:
    context.frames = [ServerEvent.of("n", {"n": n}, id=str(n)) for n in range(500)]
    context.more.set()
    async with notes_client(context, limits=RequestLimits(heartbeat_s=5)) as client:
        text = await (await client.get(EVENTS)).text()
    assert text.count("id: ") == 500
    assert ": still here" not in text


async def test_when_the_client_disconnects_the_source_is_closed_without_an_error(context: Context) -> None:
    context.frames = [HELLO]
    with capture_logs() as lines:
        async with notes_client(context, limits=RequestLimits(heartbeat_s=0.02)) as client:
            answer = await client.get(EVENTS)
            await answer.content.readuntil(b"\n\n")
            answer.close()
            await asyncio.wait_for(context.closed.wait(), 2)
    assert [line for line in lines if line["log_level"] != "info"] == []


async def test_when_the_process_stops_streams_end_at_once(context: Context) -> None:
    context.frames = [HELLO]
    began = asyncio.get_running_loop().time()
    async with ClientSession() as session:
        async with serving(notes_app(context, limits=RequestLimits(shutdown_s=10)), "127.0.0.1", 0) as port:
            answer = await session.get(f"http://127.0.0.1:{port}{EVENTS}")
        assert await answer.read() == HELLO.encode()
    assert context.closed.is_set()
    assert asyncio.get_running_loop().time() - began < 5


@pytest.mark.parametrize("fault", [RuntimeError("my-secret-canary"), TimeoutError(), ConnectionResetError()])
async def test_an_error_within_a_stream_breaks_the_connection(
    client: Client, context: Context, fault: Exception
) -> None:
    context.frames = [HELLO]
    context.fault = fault
    with capture_logs() as lines:
        answer: ClientResponse = await client.get(EVENTS)
        with pytest.raises((ClientPayloadError, ConnectionError)):
            await answer.read()
        await asyncio.wait_for(context.closed.wait(), 2)
        await soon(lambda: any(line["event"] == "http.failed" for line in lines))
    assert [line["error"] for line in lines if line["event"] == "http.failed"] == [type(fault).__name__]


async def test_a_slow_reader_delays_only_its_own_stream(context: Context) -> None:
    """No frame is read from the source while the socket is full, so a stream's memory is bounded."""
    taken = 0

    class Endless(list[ServerEvent]):
        def __iter__(self):  # noqa: ANN204
            nonlocal taken
            for _ in range(2000):
                taken += 1
                yield ServerEvent.of("n", {"text": "x" * 50_000})

    context.frames = Endless()
    context.more.set()
    async with notes_client(context) as client:
        answer = await client.get(EVENTS)
        await answer.content.readuntil(b"\n\n")
        assert (await (await client.get("/api/notes/health")).json()) == {"status": "up"}
        assert taken < 1000
        answer.close()


def test_data_may_be_a_model_or_a_mapping() -> None:
    note = Note(id="1", title="t", by="me")
    assert ServerEvent.of("n", note).data == note.model_dump_json()
    assert json.loads(ServerEvent.of("n", {"a": 1}).data) == {"a": 1}


@pytest.mark.parametrize("limits", [RequestLimits(), RequestLimits(heartbeat_s=0.01)])
async def test_a_stream_ends_normally_at_its_deadline(context: Context, limits: RequestLimits) -> None:
    context.frames, context.seconds = [HELLO], 0.1
    async with notes_client(context, limits=limits) as client:
        text = await asyncio.wait_for((await client.get(EVENTS)).text(), 5)
    assert text.startswith(HELLO.encode().decode())
    assert text.endswith("\n\n")
    assert context.closed.is_set()


async def test_a_stream_that_ends_before_its_deadline_does_not_wait_for_it(client: Client, context: Context) -> None:
    context.frames, context.seconds = [HELLO], 3600
    context.more.set()
    assert await asyncio.wait_for((await client.get(EVENTS)).text(), 5) == HELLO.encode().decode()
