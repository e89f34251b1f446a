"""Messages in the table: one item each, large content in the bucket, read one by one or page by page."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chat.adapters import large_content as bodies
from services.chat.domain import Message, TextBlock, ToolCallBlock, ToolResultBlock
from services.chat.tables import messages as tables
from services.chat.tables.messages import content_json
from shared.persistence.requests import Page, PageRequest, Position
from shared.persistence.transactions import Conflict
from tests.fakes.chat_service import FakeChat
from tests.fakes.clock import START
from tests.fakes.dynamodb import MAX_PAGE_BYTES

CONV = "conv_1"
MB = 1024 * 1024


def message(number: int, **more: Any) -> Message:
    blocks = [TextBlock(text=f"Message {number}")]
    fields = {"id": f"msg_{number:04d}", "conversation_id": CONV, "parent_id": None, "role": "user", "content": blocks}
    return Message.model_validate(fields | {"created_at": START} | more)


async def put(chat: FakeChat, *messages: Message) -> None:
    for each in messages:
        await chat.commit([await chat.store.messages.put_new(each)])


async def all_pages(chat: FakeChat, limit: int) -> AsyncIterator[Page[Message]]:
    position: Position | None = None
    while True:
        page = await chat.store.messages.page(CONV, PageRequest(limit, position))
        yield page
        if (position := page.next_position) is None:
            return


async def test_a_message_is_read_back_unchanged(chat: FakeChat) -> None:
    whole = message(1, parent_id="msg_0", turn_id="turn_1", model="scripted.echo", status="failed", stop_reason="x")
    await put(chat, whole)
    assert await chat.store.messages.get(CONV, whole.id) == whole
    assert await chat.store.messages.get(CONV, "msg_9") is None
    assert await chat.store.messages.get("conv_2", whole.id) is None


async def test_a_message_cannot_be_put_twice(chat: FakeChat) -> None:
    await put(chat, message(1))
    with pytest.raises(Conflict):
        await put(chat, message(1, role="assistant"))


async def test_tool_blocks_with_any_numbers_are_read_back_unchanged(chat: FakeChat) -> None:
    blocks = [
        ToolCallBlock(call_id="c", name="sum", input={"values": [0.1, 1e300, -7]}),
        ToolResultBlock(call_id="c", status="success", output={"sum": 1.5, "none": None}, took_ms=3),
    ]
    await put(chat, message(1, content=blocks))
    found = await chat.store.messages.get(CONV, "msg_0001")
    assert found is not None
    assert found.content == blocks


async def test_large_content_is_stored_in_the_bucket_and_read_back(chat: FakeChat) -> None:
    large = message(1, content=[TextBlock(text="한" * 120_000)])
    await put(chat, large, message(2))
    assert list(chat.world.s3.objects) == [("content", f"chat/{CONV}/msg_0001.json")]
    assert await chat.store.messages.get(CONV, "msg_0001") == large
    assert [each.id for each in await chat.tree(CONV)] == ["msg_0001", "msg_0002"]


async def test_turn_ids_are_those_of_assistant_messages(chat: FakeChat) -> None:
    await put(chat, message(1), message(2, role="assistant", turn_id="turn_1"))
    assert await chat.store.messages.turn_ids(CONV) == ["turn_1"]


async def test_erasing_removes_all_messages_of_one_conversation_only(chat: FakeChat) -> None:
    await put(chat, *(message(number) for number in range(7)), message(1, conversation_id="conv_12"))
    chat.dynamodb.page_items = 3
    await chat.store.messages.erase(CONV)
    assert chat.stored_keys() == [("CONV#conv_12", "MSG#msg_0001")]


async def test_a_page_ends_at_4_mb_of_content_in_items_and_bucket(chat: FakeChat) -> None:
    chat.dynamodb.page_bytes = MAX_PAGE_BYTES
    sizes = [250_000, 400_000] * 12  # in the item, in the bucket
    await put(chat, *(message(number, content=[TextBlock(text="x" * size)]) for number, size in enumerate(sizes)))
    first = await chat.store.messages.page(CONV, PageRequest(200))
    assert 4 * MB - 400_000 < sum(map(content_bytes, first.items)) <= 4 * MB
    second = await chat.store.messages.page(CONV, PageRequest(200, first.next_position))
    assert second.next_position is None
    assert [each.id for each in first.items + second.items] == [f"msg_{number:04d}" for number in reversed(range(24))]


async def test_a_message_larger_than_a_page_is_a_page_of_its_own(chat: FakeChat) -> None:
    await put(chat, message(1), message(2, content=[TextBlock(text="한" * 2 * MB)]), message(3))
    pages = [[each.id for each in page.items] async for page in all_pages(chat, 10)]
    assert pages == [["msg_0003"], ["msg_0002"], ["msg_0001"]]


async def test_bodies_of_a_page_are_fetched_eight_at_a_time(chat: FakeChat, monkeypatch: pytest.MonkeyPatch) -> None:
    chat.dynamodb.page_bytes = MAX_PAGE_BYTES
    monkeypatch.setattr(bodies, "MAX_INLINE_BYTES", 10)
    await put(chat, *(message(number) for number in range(20)))
    now = most = 0
    get = chat.world.s3.get_object

    async def get_slowly(*, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - the wire's names
        nonlocal now, most
        now, most = now + 1, max(most, now + 1)
        await asyncio.sleep(0)
        now -= 1
        return await get(Bucket=Bucket, Key=Key)

    monkeypatch.setattr(chat.world.s3, "get_object", get_slowly)
    page = await chat.store.messages.page(CONV, PageRequest(20))
    assert (len(page.items), most) == (20, 8)


def content_bytes(each: Message) -> int:
    return len(content_json(each).encode())


@given(
    sizes=st.lists(st.sampled_from([1, 300, 900, 5000]), max_size=12),
    limit=st.integers(1, 6),
    page_bytes=st.sampled_from([1, 1000, MAX_PAGE_BYTES]),
    most=st.sampled_from([1, 1000, 4 * MB]),
)
@settings(deadline=None, max_examples=60)
def test_pages_of_any_size_contain_each_message_once(sizes: list[int], limit: int, page_bytes: int, most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bodies, "MAX_INLINE_BYTES", 800)
        patch.setattr(tables, "PAGE_BYTES", most)
        asyncio.run(_paged(sizes, limit, page_bytes, most))


async def _paged(sizes: list[int], limit: int, page_bytes: int, most: int) -> None:
    chat = FakeChat()
    chat.dynamodb.page_bytes = page_bytes
    await put(chat, *(message(number, content=[TextBlock(text="x" * size)]) for number, size in enumerate(sizes)))
    seen: list[str] = []
    async for page in all_pages(chat, limit):
        assert len(page.items) <= limit
        assert len(page.items) == 1 or sum(map(content_bytes, page.items)) <= most
        assert page.items or not sizes
        seen += [each.id for each in page.items]
    assert seen == [f"msg_{number:04d}" for number in reversed(range(len(sizes)))]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50))
def test_any_text_is_read_back_unchanged(text: str) -> None:
    content = content_json(message(1, content=[TextBlock(text=text)]))
    assert Message.model_validate_json(f'{{"content": {content}, {REST}').content == [TextBlock(text=text)]


REST = message(1).model_dump_json(exclude={"content"})[1:]
