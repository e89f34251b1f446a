"""The first frames of an attempt: which ones they are, and that no earlier attempt writes after them."""

import pytest

from services.chat.domain import Frame, Turn
from services.chat.leases.fence import AttemptFence
from services.chat.leases.held_turn import HeldTurn
from services.chat.tables import FencedError
from tests.fakes.chat_service import FakeChat

CONTINUES, CANNOT = "scripted.echo", "scripted.strict"


async def claimed(chat: FakeChat, turn: Turn) -> HeldTurn:
    held = await chat.claims.claim(await chat.turn(turn.id))
    assert held is not None
    return held


async def put(chat: FakeChat, held: HeldTurn) -> HeldTurn:
    return await AttemptFence(chat.store, chat.claims).put(held, chat.catalogue.get(held.turn.model))


@pytest.mark.parametrize(
    ("model", "frame", "partial"), [(CONTINUES, "turn.resumed", "Once"), (CANNOT, "turn.restarted", "")]
)
async def test_the_partial_answer_is_kept_only_if_the_model_can_continue_it(
    chat: FakeChat, model: str, frame: str, partial: str
) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "Once", model=model)
    held = await put(chat, await claimed(chat, turn))
    assert ([each.event for each in held.frames], held.progress.partial_text) == ([frame], partial)
    assert (held.progress.seq, (await chat.log(turn))[-1]) == (3, held.frames[-1])


async def test_the_first_run_of_a_queued_turn_starts_its_log(chat: FakeChat) -> None:
    turn = (await chat.start(await chat.open(), run_here=False)).turn
    held = await put(chat, await claimed(chat, turn))
    assert [(each.seq, each.event) for each in held.frames] == [(1, "turn.started")]


async def test_frames_that_the_previous_runner_wrote_meanwhile_come_before_the_fence(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "x")
    held = await claimed(chat, turn)
    await chat.store.log.append(turn.id, Frame(3, "message.delta", '{"text":"y"}', 1))
    held = await put(chat, held)
    assert (held.progress.partial_text, held.frames[0].seq) == ("xy", 4)


async def test_the_previous_runner_cannot_write_after_the_fence(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "x")
    await put(chat, await claimed(chat, turn))
    with pytest.raises(FencedError):
        await chat.store.log.append(turn.id, Frame(3, "message.delta", '{"text":"y"}', 1))


async def test_an_attempt_that_was_replaced_before_its_fence_is_lost(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "x")
    held = await claimed(chat, turn)
    await put(chat, await claimed(chat, turn))
    with pytest.raises(FencedError):
        await put(chat, held)
