"""The history of a turn: what its model is asked is what the whole tree would give, at the price of a page or two."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chat.adapters import large_content as bodies
from services.chat.context.prompt_window import PromptWindow
from services.chat.context.stages.history import fill
from services.chat.domain import (
    ContentBlock,
    Conversation,
    Message,
    ReasoningBlock,
    TextBlock,
    ToolCallBlock,
    ToolResultBlock,
)
from services.chat.tables.branch_reader import BODIES_AT_ONCE, NEWEST
from shared.catalogue import Catalogue, Model
from shared.llm.port import PromptMessage
from shared.llm.token_estimate import estimate_prompt
from tests.fakes.chat_service import LEASE_S, FakeChat
from tests.fakes.clock import START
from tests.fakes.dynamodb import MAX_PAGE_BYTES
from tests.unit.services.chat.context.whole_tree import branch, prompt_of_whole_tree

CONV = "conv_1"
SMALL = Catalogue.offered(("scripted",)).get("scripted.small")


def with_window(context_tokens: int) -> Model:
    return SMALL.model_copy(update={"limits": SMALL.limits.model_copy(update={"context_tokens": context_tokens})})


WIDE = with_window(10**9)
LARGE_BODY = "y" * 400_000


def message(message_id: str, parent_id: str | None, role: str, *content: ContentBlock, conv: str = CONV) -> Message:
    fields = {"id": message_id, "conversation_id": conv, "parent_id": parent_id, "role": role, "content": content}
    return Message.model_validate(fields | {"created_at": START})


async def put(chat: FakeChat, *messages: Message) -> None:
    for each in messages:
        await chat.commit([await chat.store.messages.put_new(each)])


async def chain(chat: FakeChat, head: Conversation, count: int, text: str) -> str:
    """A branch of so many messages, ending with an answer; its id."""
    parent: str | None = None
    for number in range(count):
        role = "assistant" if number % 2 else "user"
        fresh = message(chat.ids.new("msg"), parent, role, TextBlock(text=text), conv=head.id)
        await put(chat, fresh)
        parent = fresh.id
    assert parent is not None
    return parent


def branch_ids(messages: dict[str, Message], leaf: Message) -> list[str]:
    return [each.id for each in reversed(branch(messages, leaf))][1:]


async def ancestors(chat: FakeChat, leaf: Message) -> list[str]:
    return [each.id async for each in chat.store.messages.branch(leaf.conversation_id).ancestors(leaf)]


async def test_the_parent_comes_first_and_other_branches_are_passed_by(chat: FakeChat) -> None:
    tree = [message("1", None, "user"), message("2", "1", "assistant"), message("3", "1", "assistant")]
    await put(chat, *tree, message("4", None, "user"))
    assert await ancestors(chat, message("5", "2", "user")) == ["2", "1"]


@pytest.mark.parametrize("parent", ["gone", "5"])
async def test_a_parent_that_is_missing_or_the_message_itself_ends_the_branch(chat: FakeChat, parent: str) -> None:
    await put(chat, message("1", None, "user"))
    assert await ancestors(chat, message("5", parent, "user")) == []


async def test_parents_that_go_round_do_not_go_round_for_ever(chat: FakeChat) -> None:
    await put(chat, message("1", "3", "user"), message("2", "1", "assistant"), message("3", "2", "user"))
    assert await ancestors(chat, message("3", "2", "user")) == ["2", "1"]


async def test_a_parent_that_another_clock_made_newer_is_found(chat: FakeChat) -> None:
    await put(chat, message("1", None, "user"), message("7", "1", "assistant"), message("3", "7", "user"))
    assert await ancestors(chat, message("4", "3", "user")) == ["3", "7", "1"]


async def test_what_lies_between_two_messages_of_a_branch_is_not_read(chat: FakeChat) -> None:
    """A page is begun at the ancestor that is wanted, not where the page before ended."""
    await put(chat, message("000", None, "user"))
    await put(chat, *(message(f"{number:03d}", None, "user", TextBlock(text="x" * 900)) for number in range(1, 100)))
    await put(chat, message("100", "000", "assistant"))
    chat.dynamodb.page_bytes = 2000
    chat.dynamodb.calls.clear()
    assert await ancestors(chat, message("101", "100", "user")) == ["100", "000"]
    assert chat.dynamodb.calls == ["query"] * 2


async def test_bodies_of_the_branch_alone_are_fetched_eight_at_a_time(
    chat: FakeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat.dynamodb.page_bytes = MAX_PAGE_BYTES
    parent = None
    for number in range(0, 40, 2):
        large = TextBlock(text=LARGE_BODY)
        await put(chat, message(f"{number:02d}", parent, "user", large))
        await put(chat, message(f"{number + 1:02d}", parent, "assistant", large))
        parent = f"{number:02d}"
    fetched: list[str] = []
    now = most = 0
    get = chat.world.s3.get_object

    async def get_slowly(*, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - the wire's names
        nonlocal now, most
        now, most = now + 1, max(most, now + 1)
        await asyncio.sleep(0)
        now -= 1
        fetched.append(Key)
        return await get(Bucket=Bucket, Key=Key)

    monkeypatch.setattr(chat.world.s3, "get_object", get_slowly)
    on_branch = [f"{number:02d}" for number in range(38, -1, -2)]
    assert await ancestors(chat, message("50", "38", "user")) == on_branch
    assert sorted(fetched) == sorted(f"chat/{CONV}/{each}.json" for each in on_branch)
    assert most == BODIES_AT_ONCE


async def test_a_thousand_messages_cost_two_pages_at_a_start_and_at_a_takeover(chat: FakeChat) -> None:
    chat.dynamodb.page_bytes = MAX_PAGE_BYTES
    head = await chat.open()
    latest = await chain(chat, head, 1000, "Tell me of the harbour. " * 32)  # as many as the model can read
    chat.dynamodb.calls.clear()
    started = await chat.start(head, "And now?", parent_id=latest)
    assert started.run is not None
    assert len(started.run.context.prompt) == 1001
    assert chat.dynamodb.calls.count("query") == 2
    chat.clock.advance(LEASE_S + 1)
    chat.dynamodb.calls.clear()
    await chat.receive_run_turn(started.turn.id)
    assert len(chat.models.requests[0].messages) == 1001
    assert chat.dynamodb.calls.count("query") == 2 + 3  # the log, its tool rounds, its invocations


async def test_a_window_that_is_full_after_one_page_reads_one_page(chat: FakeChat) -> None:
    chat.dynamodb.page_bytes = MAX_PAGE_BYTES
    head = await chat.open()
    latest = await chain(chat, head, 1000, "Tell me of the harbour. " * 42)
    chat.dynamodb.calls.clear()
    started = await chat.start(head, "And now?", parent_id=latest, model=SMALL.id)
    assert started.run is not None
    assert 1 < len(started.run.context.prompt) < 20
    assert chat.dynamodb.calls.count("query") == 1


async def test_a_branch_off_an_old_message_reads_nothing_newer(chat: FakeChat) -> None:
    chat.dynamodb.page_bytes = MAX_PAGE_BYTES
    head = await chat.open()
    old = (await chat.ended_turn(head)).message_id
    await chain(chat, head, 1000, "Tell me of the harbour. " * 80)
    chat.dynamodb.calls.clear()
    started = await chat.start(head, "Back to that", parent_id=old)
    assert started.run is not None
    assert [each.text for each in started.run.context.prompt] == ["Hello?", "Hello there.", "Back to that"]
    assert chat.dynamodb.calls.count("query") == 1


async def test_a_latest_message_that_is_old_is_found(chat: FakeChat) -> None:
    """Its turn ran while others wrote much: the head names it, the newest page does not have it."""
    head = await chat.open()
    slow, task = await chat.running_turn(head, "Slow")
    await chain(chat, head, 20, "x" * 1000)
    await task
    assert (await chat.head(head)).last_message_id == slow.message_id
    chat.dynamodb.page_bytes = 3000
    started = await chat.start(head, "And now?")
    assert started.run is not None
    assert [each.text for each in started.run.context.prompt] == ["Slow", "Hello there.", "And now?"]


@pytest.mark.parametrize("here", [True, False])
async def test_a_plain_turn_is_started_by_three_calls_of_the_table(chat: FakeChat, here: bool) -> None:
    chat.dynamodb.page_bytes = MAX_PAGE_BYTES
    head = await chat.open()
    await chat.ended_turn(head)
    chat.dynamodb.calls.clear()
    await chat.start(head, "And then?", run_here=here)
    assert Counter(chat.dynamodb.calls) == {"get_item": 1, "query": 1, "transact_write_items": 1}


@dataclass(frozen=True)
class Case:
    messages: dict[str, Message]
    question: Message
    opened_at: str | None
    page_bytes: int
    context_tokens: int
    output_tokens: int
    tools: bool
    continuation: list[PromptMessage]


TEXTS = st.sampled_from(
    ["", " ", "hi", "hi", "hi", "you", " two words\n", "x" * 90, "안녕하세요", "y" * 900, "1 2 3 " * 200]
)
TEXT_BLOCKS = st.builds(TextBlock, text=TEXTS)
CALL_IDS = st.sampled_from(["c1", "c2"])
CALL_BLOCKS = st.builds(ToolCallBlock, call_id=CALL_IDS, name=st.just("sum"), input=st.just({"a": 1}))
RESULT_BLOCKS = st.builds(
    ToolResultBlock, call_id=CALL_IDS, status=st.just("success"), output=TEXTS, took_ms=st.just(1)
)
BLOCKS = st.lists(
    TEXT_BLOCKS | CALL_BLOCKS | RESULT_BLOCKS | st.builds(ReasoningBlock, text=st.just("hm")), min_size=1, max_size=3
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Mostly one long branch whose roles alternate; sometimes other branches, gaps, rings and clocks that disagree."""

    def rarely() -> bool:
        return draw(st.sampled_from([*[False] * 11, True]))

    count = draw(st.sampled_from(range(16, -1, -1)))
    names = [f"{number:02d}" for number in range(count)]
    made = draw(st.permutations(names)) if draw(st.booleans()) else names
    messages: dict[str, Message] = {}
    parent: str | None = None
    for place, name in enumerate(made):
        role = "assistant" if bool(place % 2) is not rarely() else "user"
        content = draw(BLOCKS if role == "assistant" else st.lists(TEXT_BLOCKS, min_size=1, max_size=2))
        parent = draw(st.sampled_from([None, "gone", *made])) if rarely() else parent
        messages[name] = message(name, parent, role, *content)
        parent = name
    name = draw(st.sampled_from(made)) if made and rarely() else "50"  # one that is answered again, or a new one
    parent = messages[name].parent_id if name in messages else parent
    question = message(name, parent, "user", TextBlock(text="now?"))
    continuation = draw(
        st.sampled_from([[], [PromptMessage.of_text("assistant", "So far"), PromptMessage.of_text("user", "z" * 300)]])
    )
    messages |= {name: question} if name in messages else {}
    tools = draw(st.booleans())
    whole = prompt_of_whole_tree(messages, question, WIDE, 1, tools=tools)
    newest = whole[draw(st.integers(0, len(whole) - 1)) :]
    newest_tokens = estimate_prompt([*newest, *continuation])  # a window that ends just there
    return Case(
        messages,
        question,
        draw(st.sampled_from([None, NEWEST, question.id])),
        draw(st.sampled_from([1, 400, 1500, MAX_PAGE_BYTES])),
        max(2, newest_tokens + draw(st.integers(-2, 4)) + 1),
        draw(st.sampled_from([1, 1, 1, 50])),
        tools,
        continuation,
    )


@given(cases())
@settings(deadline=None, max_examples=150)
def test_the_prompt_is_that_of_the_whole_tree(case: Case) -> None:
    asyncio.run(_compare(case))


async def _compare(case: Case) -> None:
    chat = FakeChat()
    chat.dynamodb.page_bytes = case.page_bytes
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bodies, "MAX_INLINE_BYTES", 300)
        await put(chat, *case.messages.values())
    model = SMALL.model_copy(update={"limits": SMALL.limits.model_copy(update={"context_tokens": case.context_tokens})})
    reader = chat.store.messages.branch(CONV)
    if case.opened_at:
        await reader.open(case.opened_at)
    fetched = _fetched(chat)
    window = PromptWindow(model, case.output_tokens, tools=case.tools, continuation=case.continuation)
    await fill(window, case.question, reader)
    prompt = window.prompt()
    assert prompt == prompt_of_whole_tree(
        case.messages, case.question, model, case.output_tokens, tools=case.tools, continuation=case.continuation
    )
    assert set(fetched) <= set(branch_ids(case.messages, case.question))
    again = PromptWindow(model, case.output_tokens, tools=case.tools, continuation=case.continuation)
    await fill(again, case.question, chat.store.messages.branch(CONV), window.cut)
    assert again.prompt() == prompt


def _fetched(chat: FakeChat) -> list[str]:
    """Ids of the messages whose bodies are fetched from now on."""
    fetched: list[str] = []
    get = chat.world.s3.get_object

    async def noted(*, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - the wire's names
        fetched.append(Key.rpartition("/")[2].removesuffix(".json"))
        return await get(Bucket=Bucket, Key=Key)

    chat.world.s3.get_object = noted  # type: ignore[method-assign]
    return fetched
