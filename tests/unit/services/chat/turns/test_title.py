"""A conversation's title: generated beside the first answer, settled, never against its owner's."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chat.domain import Conversation, Turn
from services.chat.turns.title import clean
from shared.catalogue import Usage
from shared.llm.port import ModelFailedError, TextDelta
from tests.fakes.chat_models import END, FakeModels, answer
from tests.fakes.chat_service import FakeChat, World, until, user


async def untitled(chat: FakeChat) -> Conversation:
    return await chat.open(title=None)


async def settled(chat: FakeChat) -> None:
    """Wait until every task of the runner has ended."""
    await until(lambda: not chat.tasks._tasks)


async def titles(chat: FakeChat, turn: Turn) -> list[str]:
    return [json.loads(frame.data)["title"] for frame in await chat.log(turn) if frame.event == "conversation.renamed"]


async def test_an_early_title_is_in_the_stream() -> None:
    go = asyncio.Event()
    chat = FakeChat(World(FakeModels(TextDelta("Hello"), go, *END)))
    head = await untitled(chat)
    turn, task = await chat.running_turn(head)
    await until(lambda: chat.outbox_events("renamed"))
    go.set()
    await task
    assert await titles(chat, turn) == ["Greeting"]
    now = await chat.head(head)
    assert (now.title, now.title_source) == ("Greeting", "service")
    (event,) = chat.outbox_events("renamed")
    assert event.data["renamed_by"] == "service"


async def test_an_ended_answer_waits_a_moment_for_its_title() -> None:
    go = asyncio.Event()
    chat = FakeChat(title_wait_s=5)
    chat.models.titles = [go, *answer("Late")]
    turn, task = await chat.running_turn(await untitled(chat))
    await until(lambda: len(chat.models.requests_for()) and chat.models.open_calls == 1)
    go.set()
    await task
    assert await titles(chat, turn) == ["Late"]
    assert (await chat.frame_events(turn))[-1] == "turn.completed"


async def test_a_late_title_is_stored_but_not_in_the_stream() -> None:
    go = asyncio.Event()
    chat = FakeChat()
    chat.models.titles = [go, *answer("Late")]
    head = await untitled(chat)
    turn = await chat.ended_turn(head)
    assert turn.state == "completed"
    go.set()
    await settled(chat)
    assert await titles(chat, turn) == []
    assert (await chat.head(head)).title == "Late"
    assert (await chat.frame_events(turn))[-1] == "turn.completed"


async def test_a_turn_that_fails_waits_for_no_title() -> None:
    go = asyncio.Event()
    chat = FakeChat(World(FakeModels(ModelFailedError("model-throttled"))), title_wait_s=30)
    chat.models.titles = [go, *answer("Late")]
    head = await untitled(chat)
    assert (await chat.ended_turn(head)).state == "failed"
    go.set()
    await settled(chat)
    assert (await chat.head(head)).title == "Late"


async def test_the_title_model_gets_the_question_only(chat: FakeChat) -> None:
    await chat.ended_turn(await untitled(chat), "q" * 5000)
    await settled(chat)
    (request,) = chat.models.requests_for("title")
    assert request.model.id == "scripted.title"
    assert [(each.role, each.text) for each in request.messages] == [("user", "q" * 2000)]
    assert request.max_output_tokens == 32
    assert request.system


async def test_without_a_title_model_the_answers_model_generates_the_title() -> None:
    chat = FakeChat(title_model=None)
    turn = await chat.ended_turn(await untitled(chat))
    await settled(chat)
    assert chat.models.requests_for("title")[0].model.id == turn.model


async def test_a_title_model_that_is_no_longer_offered_is_replaced_by_the_answers_model() -> None:
    chat = FakeChat(title_model="claude-3-haiku")
    turn = await chat.ended_turn(await untitled(chat))
    await settled(chat)
    assert chat.models.requests_for("title")[0].model.id == turn.model


async def test_when_the_model_fails_the_questions_first_words_are_the_title() -> None:
    chat = FakeChat()
    chat.models.titles = [ModelFailedError("model-throttled")]
    head = await untitled(chat)
    await chat.ended_turn(head, "How do bees find home?\nThey are tiny.")
    await settled(chat)
    assert (await chat.head(head)).title == "How do bees find home?"


async def test_when_the_models_output_is_unusable_the_questions_first_words_are_the_title() -> None:
    chat = FakeChat()
    chat.models.titles = answer('"', "\n", "**")
    head = await untitled(chat)
    await chat.ended_turn(head, "Bees?")
    await settled(chat)
    assert (await chat.head(head)).title == "Bees?"


async def test_a_title_that_the_owner_chose_meanwhile_is_kept() -> None:
    go = asyncio.Event()
    chat = FakeChat()
    chat.models.titles = [go, *answer("Service's")]
    head = await untitled(chat)
    turn = await chat.ended_turn(head)
    await chat.conversations.rename(user("ann"), head.id, "Owner's")
    go.set()
    await settled(chat)
    assert (await chat.head(head)).title == "Owner's"
    assert await titles(chat, turn) == []
    assert [each.data["renamed_by"] for each in chat.outbox_events("renamed")] == ["owner"]


async def test_a_title_for_a_deleted_conversation_is_dropped() -> None:
    go = asyncio.Event()
    chat = FakeChat()
    chat.models.titles = [go, *answer("Late")]
    head = await untitled(chat)
    await chat.ended_turn(head)
    await chat.conversations.delete(user("ann"), head.id)
    go.set()
    await settled(chat)
    assert (await chat.head(head)).title == ""
    assert not chat.outbox_events("renamed")


async def test_a_title_is_an_invocation_of_its_own(chat: FakeChat) -> None:
    turn = await chat.ended_turn(await untitled(chat))
    await settled(chat)
    invocations = {each.purpose: each for each in await chat.store.invocations.of_turn(turn.id)}
    assert set(invocations) == {"answer", "title"}
    assert all((each.state, each.basis) == ("settled", "reported") for each in invocations.values())
    assert invocations["title"].model == "scripted.title"


@pytest.mark.parametrize(
    ("steps", "usage", "basis"),
    [
        ([ModelFailedError("model-throttled")], Usage(), "estimated"),
        ([TextDelta("Bee"), ModelFailedError("model-silent")], Usage(input_tokens=2, output_tokens=1), "estimated"),
        ([TextDelta("Bee"), END[1], ModelFailedError("model-silent")], END[1].usage, "reported"),
        ([TextDelta("Bee"), RuntimeError("a bug")], Usage(input_tokens=2, output_tokens=1), "estimated"),
    ],
)
async def test_a_title_is_settled_however_its_call_ends(steps: list[Exception], usage: Usage, basis: str) -> None:
    chat = FakeChat()
    chat.models.titles = steps
    turn = await chat.ended_turn(await untitled(chat), "Bees?")
    await settled(chat)
    (invocation,) = [each for each in await chat.store.invocations.of_turn(turn.id) if each.purpose == "title"]
    assert (invocation.state, invocation.usage, invocation.basis) == ("settled", usage, basis)


async def test_an_error_in_the_title_does_not_affect_the_answer() -> None:
    chat = FakeChat(title_wait_s=5)
    chat.models.titles = [RuntimeError("a bug")]
    assert (await chat.ended_turn(await untitled(chat))).state == "completed"


async def test_an_unfinished_title_is_cancelled_and_settled_when_the_process_ends() -> None:
    chat = FakeChat()
    chat.models.titles = [TextDelta("x"), asyncio.Event()]
    turn = await chat.ended_turn(await untitled(chat))
    await chat.runner.drain()
    assert chat.models.open_calls == 0
    assert all(each.state == "settled" for each in await chat.store.invocations.of_turn(turn.id))


async def test_draining_also_ends_the_title_of_a_turn_that_is_handed_over() -> None:
    """The title's task must end before the process closes its clients."""
    chat = FakeChat(World(FakeModels(asyncio.Event())))
    chat.models.titles = [TextDelta("x"), asyncio.Event()]
    turn, _ = await chat.running_turn(await untitled(chat))
    await until(lambda: chat.models.open_calls == 2)
    await chat.runner.drain()
    assert chat.tasks._tasks == set()
    assert chat.models.open_calls == 0
    invocations = {each.purpose: each.state for each in await chat.store.invocations.of_turn(turn.id)}
    assert invocations["title"] == "settled"


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("A trip to Rome", "A trip to Rome"),
        ('  "A trip to Rome."  ', "A trip to Rome"),
        ("# **Rome**", "Rome"),
        ("«Rome»\nand more", "Rome"),
        ("\n\n``\nRome", "Rome"),
        ("Rome\t  in   spring", "Rome in spring"),
        ("로마 여행 계획", "로마 여행 계획"),
        ("How?", "How?"),
        ("", ""),
        (' "." ', ""),
        ("word " * 20, "word " * 11 + "word…"),
        ("x" * 80, "x" * 59 + "…"),
        ("0*\x1f", "0"),
    ],
)
def test_a_title_is_one_clean_line(said: str, title: str) -> None:
    assert clean(said) == title


@given(st.text())
def test_a_title_is_short_for_any_text(said: str) -> None:
    title = clean(said)
    assert len(title) <= 60
    assert len(title.splitlines()) <= 1
    assert title == title.strip()
    assert clean(title.rstrip("…")) == title.rstrip("…").strip()
