"""After a refusal the next request of the turn is narrower; the level that worked is kept and shown."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chat.domain import Turn
from services.chat.domain.request_level import NOT_VALID, REFUSALS, TOO_LONG, Narrowed, narrower
from shared.llm.port import ModelFailedError, TextDelta, ToolUse
from tests.fakes.chat_models import answer, tool_calls
from tests.fakes.chat_service import LEASE_S, FakeChat, World, until
from tests.fakes.strict_models import POISON, StrictModels

CALCULATOR = ("calculator",)


def strict(refusal: str = NOT_VALID) -> FakeChat:
    return FakeChat(World(StrictModels(refusal)))


async def prompts(chat: FakeChat) -> list[list[str]]:
    return [[each.text for each in request.messages] for request in chat.models.requests_for()]


async def levels(chat: FakeChat, turn: Turn) -> list[str]:
    return [json.loads(frame.data)["level"] for frame in await chat.log(turn) if frame.event == "turn.narrowed"]


@pytest.mark.parametrize(
    ("slug", "levels"), [(TOO_LONG, ["shorter", "alone"]), (NOT_VALID, ["plain", "alone"]), ("model-throttled", [])]
)
def test_each_refusal_leads_to_narrower_levels_and_ends(slug: str, levels: list[str]) -> None:
    found: list[Narrowed] = []
    while level := narrower(slug, found[-1] if found else None):
        found.append(level)
    assert found == levels


@given(st.lists(st.sampled_from(sorted(REFUSALS)), min_size=4))
def test_any_refusals_in_a_row_end_after_three_levels(slugs: list[str]) -> None:
    level: Narrowed | None = None
    for number, slug in enumerate(slugs):
        if (level := narrower(slug, level)) is None:
            assert number <= 3
            return
    pytest.fail("there is always a narrower level")


async def test_a_message_that_the_model_refuses_does_not_harm_the_next_one() -> None:
    chat = strict()
    head = await chat.open()
    refused = await chat.ended_turn(head, POISON)
    assert refused.error is not None
    assert (refused.state, refused.error.slug) == ("failed", NOT_VALID)
    turn = await chat.ended_turn(head, "hi")
    assert (turn.state, turn.narrowed) == ("completed", None)
    assert await prompts(chat) == [["hi"]]


async def test_another_model_is_given_what_this_one_refused() -> None:
    chat = strict()
    head = await chat.open()
    await chat.ended_turn(head, POISON)
    turn = await chat.ended_turn(head, "hi", model="scripted.fast")
    assert (turn.state, turn.narrowed, await prompts(chat)) == ("completed", "alone", [["hi"]])


async def test_poison_in_an_old_answer_leaves_the_question_alone() -> None:
    chat = strict()
    head = await chat.open()
    chat.models.next_answers = [answer(POISON)]
    await chat.ended_turn(head)
    turn = await chat.ended_turn(head, "hi")
    assert (turn.state, turn.narrowed) == ("completed", "alone")
    assert await levels(chat, turn) == ["alone"]  # a plain request would be the same
    assert (await chat.message(turn)).narrowed == "alone"


async def test_the_next_turn_begins_at_the_level_that_worked() -> None:
    chat = strict()
    head = await chat.open()
    chat.models.next_answers = [answer(POISON)]
    await chat.ended_turn(head)
    await chat.ended_turn(head, "hi")
    turn = await chat.ended_turn(head, "and again")
    assert (turn.state, turn.narrowed) == ("completed", None)
    assert (await prompts(chat))[-1] == ["hi", "Hello there.", "and again"]
    assert len(await chat.store.invocations.of_turn(turn.id)) == 1


async def test_poison_in_a_tool_result_is_left_out_with_the_tools() -> None:
    chat = strict()
    head = await chat.open()
    chat.models.next_answers = [tool_calls(ToolUse("calculator", {}), text="Let me see.")]
    turn = await chat.ended_turn(head, tools=CALCULATOR)
    (call,) = chat.sent_calls()
    await chat.receive_tool_result(call, POISON)
    turn = await chat.turn(turn.id)
    assert (turn.state, turn.narrowed) == ("completed", "plain")
    assert chat.models.requests_for()[-1].tools == []
    turn = await chat.ended_turn(head, "hi", tools=CALCULATOR)
    assert (turn.state, turn.narrowed) == ("completed", None)
    assert (await prompts(chat))[-1] == ["Hello?", "Let me see.Hello there.", "hi"]


async def test_a_request_that_is_too_long_is_sent_again_with_less_history_and_so_is_the_next() -> None:
    """The oldest message is what the provider counts as too long, although the estimate says that it fits."""
    chat = strict(TOO_LONG)
    head = await chat.open()
    small = {"model": "scripted.small"}  # it reads 2000 tokens, 1000 of them are for the answer
    chat.models.next_answers = [answer(POISON)]
    await chat.ended_turn(head, "first", model="scripted.echo")
    chat.models.next_answers = [answer("word " * 598)]
    await chat.ended_turn(head, "second", model="scripted.fast")
    chat.models.requests.clear()
    turn = await chat.ended_turn(head, "hi", **small)
    assert (turn.state, turn.narrowed) == ("completed", "shorter")
    assert (await prompts(chat))[-1][0].startswith("second")
    turn = await chat.ended_turn(head, "and again", **small)
    assert (turn.narrowed, (await prompts(chat))[-1][0].startswith("second")) == (None, True)


async def test_a_takeover_of_a_shorter_request_keeps_where_its_history_was_cut() -> None:
    chat = strict(TOO_LONG)
    head = await chat.open()
    chat.models.next_answers = [answer(POISON)]
    await chat.ended_turn(head, "first", model="scripted.echo")
    chat.models.next_answers = [answer("word " * 598)]
    await chat.ended_turn(head, "second", model="scripted.fast")
    chat.models.next_answers = [[TextDelta("So"), asyncio.Event()]]
    turn, task = await chat.running_turn(head, "hi", model="scripted.small")
    await until(lambda: chat.models.open_calls)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    chat.clock.advance(LEASE_S + 1)
    await chat.receive_run_turn(turn.id)
    record = await chat.store.contexts.get(turn.id)
    assert record is not None
    assert record.history_from is not None
    assert (await chat.message(turn)).history_from == record.history_from


async def test_reasoning_is_left_out_of_a_plain_request() -> None:
    chat = strict()
    head = await chat.open()
    chat.models.next_answers = [answer(POISON)]
    await chat.ended_turn(head)
    turn = await chat.ended_turn(head, "hi", reasoning=True)
    assert (turn.narrowed, await levels(chat, turn)) == ("alone", ["plain", "alone"])
    assert chat.models.requests_for()[-1].reasoning is False


async def test_a_refused_request_costs_nothing_and_is_settled() -> None:
    chat = strict()
    head = await chat.open()
    chat.models.next_answers = [answer(POISON)]
    await chat.ended_turn(head)
    turn = await chat.ended_turn(head, "hi")
    refused, answered = await chat.store.invocations.of_turn(turn.id)
    assert (refused.state, refused.cost_nano_usd, answered.basis) == ("settled", 0, "reported")


async def test_a_takeover_repeats_the_narrowed_request() -> None:
    chat = strict()
    head = await chat.open()
    chat.models.next_answers = [answer(POISON)]
    await chat.ended_turn(head)
    chat.models.next_answers = [[TextDelta("So"), asyncio.Event()]]
    turn, task = await chat.running_turn(head, "hi")
    await until(lambda: chat.models.open_calls)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    chat.clock.advance(LEASE_S + 1)
    chat.models.requests.clear()
    await chat.receive_run_turn(turn.id)
    assert (await chat.turn(turn.id)).narrowed == "alone"
    assert [request[0] for request in await prompts(chat)] == ["hi"]


async def test_a_refusal_after_the_answer_has_begun_is_not_repeated() -> None:
    chat = strict()
    chat.models.next_answers = [[TextDelta("So"), ModelFailedError(NOT_VALID)]]
    turn = await chat.ended_turn(await chat.open())
    assert (turn.state, turn.narrowed) == ("failed", None)
    assert len(chat.models.requests) == 1
