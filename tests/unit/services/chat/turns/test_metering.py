"""Every call of a model is opened before the request and settled once, by whichever process comes first."""

import asyncio
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.catalogue import UnknownModelError, Usage
from shared.events.catalogue.chat import ModelInvoked
from shared.llm import token_estimate as tokens
from shared.llm.invocation import Invocation
from shared.llm.port import PromptMessage
from tests.fakes.chat_service import MODEL, FakeChat, user

SAID = [PromptMessage.of_text("user", "How do bees find home?")]
REPORTED = Usage(input_tokens=9, output_tokens=40, cache_read_tokens=3)


async def opened(chat: FakeChat, model: str = MODEL) -> Invocation:
    turn = (await chat.start(await chat.open(), run_here=False)).turn
    invocation = chat.metering.new(turn.invocation_context, chat.catalogue.get(model), "answer", SAID)
    await chat.metering.open(invocation)
    return invocation


async def stored(chat: FakeChat, invocation: Invocation) -> Invocation:
    (found,) = await chat.store.invocations.of_turn(invocation.turn_id)
    return found


async def test_an_invocation_is_opened_with_its_counted_input(chat: FakeChat) -> None:
    invocation = await opened(chat)
    assert await stored(chat, invocation) == invocation
    assert (invocation.state, invocation.revision, invocation.basis, invocation.ended_at) == ("opened", 1, None, None)
    assert invocation.usage == Usage(input_tokens=tokens.estimate(SAID[0].text))
    assert invocation.price_version == chat.catalogue.price_version
    (told,) = chat.outbox_events("model.invoked")
    assert (told.subject, told.sequence, told.data["state"]) == (invocation.id, 1, "opened")


async def test_it_is_settled_with_what_was_reported(chat: FakeChat) -> None:
    invocation = await opened(chat)
    chat.clock.advance(3)
    settled = await chat.metering.settle(invocation, REPORTED, "reported")
    assert await stored(chat, invocation) == settled
    assert (settled.state, settled.revision, settled.basis) == ("settled", 2, "reported")
    assert (settled.usage, settled.ended_at) == (REPORTED, chat.clock.now())
    assert settled.cost_nano_usd == 9 * 1000 + 40 * 5000 + 3 * 100
    told = chat.outbox_events("model.invoked")[-1]
    assert (told.sequence, told.data["basis"], told.data["cost_nano_usd"]) == (2, "reported", settled.cost_nano_usd)
    assert ModelInvoked.model_validate(told.data)


async def test_settling_again_changes_nothing_and_tells_nobody(chat: FakeChat) -> None:
    invocation = await opened(chat)
    first = await chat.metering.settle(invocation, REPORTED, "reported")
    await chat.metering.settle(invocation, Usage(output_tokens=999), "estimated")
    assert await stored(chat, invocation) == first
    assert len(chat.outbox_events("model.invoked")) == 2


async def test_an_estimate_is_what_was_asked_and_said(chat: FakeChat) -> None:
    invocation = await opened(chat)
    settled = await chat.metering.settle_by_estimate(invocation, "By the sun.", began=True)
    assert settled.basis == "estimated"
    assert settled.usage == Usage(
        input_tokens=invocation.usage.input_tokens, output_tokens=tokens.estimate("By the sun.")
    )


async def test_a_model_that_never_began_is_free(chat: FakeChat) -> None:
    settled = await chat.metering.settle_by_estimate(await opened(chat), "", began=False)
    assert (settled.usage, settled.cost_nano_usd, settled.basis) == (Usage(), 0, "estimated")


async def test_the_bill_does_not_depend_on_the_turn_or_the_conversation(chat: FakeChat) -> None:
    invocation = await opened(chat)
    await chat.conversations.delete(user("ann"), invocation.conversation_id)
    await chat.store.turns.claim(await chat.turn(invocation.turn_id), 1)
    await chat.metering.settle(invocation, REPORTED, "reported")
    assert (await stored(chat, invocation)).state == "settled"


async def test_the_bill_of_what_was_erased_is_told_and_not_kept(chat: FakeChat) -> None:
    invocation = await opened(chat)
    await chat.store.turns.erase(invocation.turn_id)
    await chat.metering.settle(invocation, REPORTED, "reported")
    assert await chat.store.invocations.of_turn(invocation.turn_id) == []
    assert [each.data["state"] for each in chat.outbox_events("model.invoked")] == ["opened", "settled"]


async def test_a_model_that_nobody_knows_any_more_has_no_price(chat: FakeChat) -> None:
    invocation = (await opened(chat)).model_copy(update={"model": "never.was"})
    with pytest.raises(UnknownModelError):
        await chat.metering.settle(invocation, REPORTED, "reported")


SETTLINGS = st.lists(
    st.tuples(st.integers(0, 500), st.sampled_from(["reported", "estimated"]), st.integers(0, 3)),
    min_size=1,
    max_size=6,
)


@given(SETTLINGS)
@settings(deadline=None, max_examples=40)
def test_however_many_settle_at_once_it_is_paid_once(
    settlings: list[tuple[int, Literal["reported", "estimated"], int]],
) -> None:
    asyncio.run(_settle(settlings))


async def _settle(settlings: list[tuple[int, Literal["reported", "estimated"], int]]) -> None:
    chat = FakeChat()
    invocation = await opened(chat)

    async def settle(output: int, basis: Literal["reported", "estimated"], pause: int) -> None:
        for _ in range(pause):
            await asyncio.sleep(0)
        await chat.other_process().metering.settle(invocation, Usage(output_tokens=output), basis)

    await asyncio.gather(*(settle(*each) for each in settlings))
    kept = await stored(chat, invocation)
    told = chat.outbox_events("model.invoked")
    assert [(each.sequence, each.data["state"]) for each in told] == [(1, "opened"), (2, "settled")]
    assert told[-1].data["cost_nano_usd"] == kept.cost_nano_usd
    assert (kept.usage.output_tokens, kept.basis) in [(output, basis) for output, basis, _ in settlings]
