"""Frame writer: batched, one put at a time, in order, broadcast only once it is in the log."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chat.domain import Frame, Turn
from services.chat.stream.broadcast import TurnBroadcast
from services.chat.stream.writer import FrameWriter
from services.chat.tables import FencedError
from tests.fakes.chat_service import until
from tests.fakes.clock import START

TURN = Turn.model_validate(
    {
        "id": "turn", "conversation_id": "c", "owner_id": "ann", "user_message_id": "u", "message_id": "m",
        "model": "scripted.echo", "attempt": 3, "lease_until": 0, "deadline": 0, "created_at": START,
    }
)  # fmt: skip


class SlowLog:
    """A log whose puts end only when the test lets them; it refuses the put at the position `fence`."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.waiting: deque[asyncio.Future[None]] = deque()
        self.most_at_once = 0
        self.fence = 0
        self.hurried: list[bool] = []

    async def append(self, turn_id: str, frame: Frame, *, at_once: bool = False) -> None:
        assert turn_id == TURN.id
        self.hurried.append(at_once)
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append(written)
        self.most_at_once = max(self.most_at_once, len(self.waiting))
        try:
            await written
        finally:
            self.waiting.remove(written)
        if frame.seq == self.fence:
            raise FencedError(turn_id)
        self.frames.append(frame)

    def written(self) -> list[tuple[int, str]]:
        return [(frame.seq, frame.data) for frame in self.frames]

    async def write(self) -> None:
        """Let the oldest waiting put succeed."""
        await until(lambda: self.waiting)
        put = self.waiting[0]
        put.set_result(None)
        await until(lambda: put not in self.waiting)


class WriterFixture:
    def __init__(self, seq: int = 0) -> None:
        self.log, self.broadcast = SlowLog(), TurnBroadcast(TURN.id)
        self.writer = FrameWriter(TURN, self.log, self.broadcast, seq)
        self.shown: list[Frame] = []
        self.task: asyncio.Task[None] | None = None

    @classmethod
    @asynccontextmanager
    async def run(cls, seq: int = 0) -> AsyncIterator["WriterFixture"]:
        fixture = cls(seq)
        fixture.task = asyncio.create_task(fixture.writer.run())
        reading = asyncio.create_task(fixture.read())
        try:
            yield fixture
        finally:
            fixture.task.cancel()
            reading.cancel()
            await asyncio.wait({fixture.task, reading})

    async def read(self) -> None:
        async for frame in self.broadcast.after(0):
            self.shown.append(frame)

    def texts(self) -> list[str]:
        return [json.loads(frame.data)["text"] for frame in self.log.frames]


def text(words: str) -> str:
    return json.dumps({"text": words}, separators=(",", ":"))


async def test_the_first_delta_is_flushed_at_once() -> None:
    async with WriterFixture.run() as fixture:
        fixture.writer.delta("message.delta", "Hel")
        await fixture.log.write()
        assert fixture.log.frames == [Frame(1, "message.delta", text("Hel"), attempt=3)]


async def test_only_the_first_frame_of_an_attempt_is_put_at_once() -> None:
    async with WriterFixture.run(seq=7) as fixture:
        for words in ("Hel", "lo", "!"):
            fixture.writer.delta("message.delta", words)
            await fixture.log.write()
        assert fixture.log.hurried == [True, False, False]


async def test_deltas_during_a_put_become_one_frame() -> None:
    async with WriterFixture.run() as fixture:
        fixture.writer.delta("message.delta", "Hel")
        await until(lambda: fixture.log.waiting)
        for part in ("lo", " ", "there"):
            fixture.writer.delta("message.delta", part)
        await fixture.log.write()
        await fixture.log.write()
        assert fixture.log.written() == [(1, text("Hel")), (2, text("lo there"))]


async def test_reasoning_text_and_other_frames_do_not_mix_and_keep_their_order() -> None:
    async with WriterFixture.run(seq=7) as fixture:
        fixture.writer.delta("reasoning.delta", "Hm")
        fixture.writer.delta("message.delta", "Yes")
        fixture.writer.frame("conversation.renamed", {"title": "T"})
        fixture.writer.delta("message.delta", ".")
        for _ in range(4):
            await fixture.log.write()
        assert [(frame.seq, frame.event) for frame in fixture.log.frames] == [
            (8, "reasoning.delta"),
            (9, "message.delta"),
            (10, "conversation.renamed"),
            (11, "message.delta"),
        ]


async def test_deltas_with_different_data_do_not_mix() -> None:
    async with WriterFixture.run() as fixture:
        fixture.writer.delta("tool.delta", "", index=0, name="now")
        for index, piece in ((0, "{"), (0, "}"), (1, "[")):
            fixture.writer.delta("tool.delta", piece, index=index)
        for _ in range(3):
            await fixture.log.write()
        assert [json.loads(frame.data) for frame in fixture.log.frames] == [
            {"index": 0, "name": "now", "text": ""},
            {"index": 0, "text": "{}"},
            {"index": 1, "text": "["},
        ]


async def test_a_frame_is_broadcast_after_it_is_in_the_log() -> None:
    async with WriterFixture.run() as fixture:
        fixture.writer.delta("message.delta", "x")
        await until(lambda: fixture.log.waiting)
        assert fixture.shown == []
        await fixture.log.write()
        await until(lambda: fixture.shown == fixture.log.frames)


async def test_a_fenced_frame_is_not_broadcast_and_ends_the_writer() -> None:
    async with WriterFixture.run() as fixture:
        fixture.log.fence = 2
        fixture.writer.delta("message.delta", "x")
        await fixture.log.write()
        fixture.writer.delta("message.delta", "y")
        await fixture.log.write()
        assert fixture.task is not None
        with pytest.raises(FencedError):
            await fixture.task
        assert fixture.texts() == ["x"]
        assert fixture.writer.seq == 1


async def test_a_closed_writer_accepts_no_frames() -> None:
    async with WriterFixture.run() as fixture:
        fixture.writer.delta("message.delta", "x")
        await until(lambda: fixture.log.waiting)
        fixture.writer.delta("message.delta", "y")
        fixture.writer.close()
        fixture.writer.delta("message.delta", "z")
        fixture.writer.frame("conversation.renamed", {"title": "late"})
        await fixture.log.write()
        await fixture.log.write()
        await fixture.writer.flushed()
        assert fixture.texts() == ["x", "y"]


async def test_flushed_returns_only_when_no_frame_is_pending() -> None:
    async with WriterFixture.run() as fixture:
        await fixture.writer.flushed()
        fixture.writer.delta("message.delta", "x")
        waiting = asyncio.create_task(fixture.writer.flushed())
        await until(lambda: fixture.log.waiting)
        assert not waiting.done()
        await fixture.log.write()
        await waiting


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("message.delta"), st.text(min_size=1, max_size=3)),
        st.tuples(st.just("reasoning.delta"), st.text(min_size=1, max_size=3)),
        st.just(("tell", "")),
        st.just(("write", "")),
        st.just(("turn of the loop", "")),
    ),
    max_size=40,
)


@given(ACTS)
@settings(deadline=None, max_examples=60)
def test_however_puts_and_deltas_interleave_the_log_has_everything_in_order(acts: list[tuple[str, str]]) -> None:
    asyncio.run(_interleave(acts))


async def _interleave(acts: list[tuple[str, str]]) -> None:
    said: list[tuple[str, str]] = []
    async with WriterFixture.run() as fixture:
        for act, words in acts:
            match act:
                case "write":
                    if fixture.log.waiting and not fixture.log.waiting[0].done():
                        fixture.log.waiting[0].set_result(None)
                case "turn of the loop":
                    await asyncio.sleep(0)
                case "tell":
                    fixture.writer.frame("citation", {"text": "."})
                    said.append(("citation", "."))
                case "message.delta" | "reasoning.delta":
                    fixture.writer.delta(act, words)
                    said.append((act, words))
        whole = _joined(said)
        flushed = asyncio.create_task(fixture.writer.flushed())
        while not flushed.done():
            if fixture.log.waiting and not fixture.log.waiting[0].done():
                fixture.log.waiting[0].set_result(None)
            await asyncio.sleep(0)
        frames = fixture.log.frames
        assert [frame.seq for frame in frames] == list(range(1, len(frames) + 1))
        assert _joined([(frame.event, json.loads(frame.data)["text"]) for frame in frames]) == whole
        assert fixture.log.most_at_once <= 1
        await until(lambda: fixture.shown == frames)


def _joined(said: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Join adjacent deltas of one kind; a citation is not joined."""
    joined: list[tuple[str, str]] = []
    for event, words in said:
        if event != "citation" and joined and joined[-1][0] == event:
            joined[-1] = (event, joined[-1][1] + words)
        else:
            joined.append((event, words))
    return joined
