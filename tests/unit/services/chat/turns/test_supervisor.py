"""Messages about a turn: they wait for it or its runner, then run it or end it; one end, one event, one bill."""

import asyncio

import pytest

from services.chat.adapters.turn_queue import CheckTurn
from services.chat.domain import Conversation, Frame, TextBlock, Turn
from shared.events.consumer.messages import Postpone
from shared.llm import token_estimate as tokens
from tests.fakes.chat_models import answer
from tests.fakes.chat_service import LEASE_S, MODEL, WATCHDOGS, FakeChat, until


@pytest.fixture
def chat() -> FakeChat:
    """A chat that takes no turn over, so that a turn ends when its runner dies."""
    return FakeChat(takeovers_limit=0)


UNKNOWN = "turn_01J00000000000000000000000"


async def invocations(chat: FakeChat, turn: Turn) -> dict[str, tuple[str, str | None]]:
    return {each.purpose: (each.state, each.basis) for each in await chat.store.invocations.of_turn(turn.id)}


async def test_an_unknown_turn_is_waited_for_and_then_dropped(chat: FakeChat) -> None:
    since = chat.now()
    for _ in range(30):
        with pytest.raises(Postpone) as postponed:
            await chat.receive_run_turn(UNKNOWN, since)
        assert postponed.value.seconds == 2
        chat.clock.advance(2)
    await chat.receive_run_turn(UNKNOWN, since)


async def test_an_ended_turn_is_not_changed(chat: FakeChat) -> None:
    turn = await chat.ended_turn(await chat.open())
    count = len(chat.outbox_events())
    chat.clock.advance(100)
    await chat.receive_run_turn(turn.id)
    assert await chat.turn(turn.id) == turn
    assert len(chat.outbox_events()) == count


async def test_a_running_turn_is_checked_again_when_its_lease_may_have_run_out(chat: FakeChat) -> None:
    turn = (await chat.start(await chat.open())).turn
    chat.clock.advance(4)
    with pytest.raises(Postpone) as postponed:
        await chat.receive_run_turn(turn.id)
    assert postponed.value.seconds == pytest.approx(LEASE_S - 4 + 0.3)
    assert await chat.turn(turn.id) == turn


async def test_a_queued_turn_is_run_by_the_process_that_gets_its_message(chat: FakeChat) -> None:
    turn = (await chat.start(await chat.open(), "Where to?", run_here=False)).turn
    chat.models.answers = answer("Rome")
    other = chat.other_process()
    await other.receive_run_turn(turn.id)
    done = await chat.turn(turn.id)
    assert (done.state, done.attempt) == ("completed", 1)
    assert await chat.frame_events(turn) == ["turn.started", "message.delta", "usage", "turn.completed"]
    assert (await chat.message(turn)).content == [TextBlock(text="Rome")]
    assert [each.text for each in chat.models.requests[0].messages] == ["Where to?"]
    assert await invocations(chat, turn) == {"answer": ("settled", "reported")}


async def test_a_check_is_scheduled_before_a_queued_turn_is_claimed(chat: FakeChat) -> None:
    turn = (await chat.start(await chat.open(), run_here=False)).turn
    await chat.receive_run_turn(turn.id)
    (body,) = chat.world.sqs.bodies(WATCHDOGS)
    assert CheckTurn.model_validate_json(body).turn_id == turn.id
    assert chat.world.sqs.visible_in(WATCHDOGS) == [LEASE_S + 1]


async def test_a_queued_turn_that_came_too_late_is_not_begun(chat: FakeChat) -> None:
    turn = (await chat.start(await chat.open(), run_here=False)).turn
    chat.clock.advance(700)
    await chat.receive_run_turn(turn.id)
    ended = await chat.turn(turn.id)
    assert ended.error is not None
    assert ended.error.slug == "turn-timed-out"
    assert ended.usage is None
    assert chat.models.requests == []


async def test_ten_messages_for_a_queued_turn_run_it_once(chat: FakeChat) -> None:
    turn = (await chat.start(await chat.open(), run_here=False)).turn
    processes = [chat.other_process() for _ in range(10)]
    results = await asyncio.gather(*(each.receive_run_turn(turn.id) for each in processes), return_exceptions=True)
    assert {type(each) for each in results} <= {type(None), Postpone}
    assert len(chat.models.requests) == 1
    assert (await chat.turn(turn.id)).state == "completed"
    assert len(chat.outbox_events("turn.completed")) == 1


async def test_a_queued_turn_that_was_cancelled_is_ended_without_a_model_call(chat: FakeChat) -> None:
    turn = (await chat.start(await chat.open(), run_here=False)).turn
    await chat.store.turns.request_cancel(turn.id)
    await chat.receive_run_turn(turn.id)
    assert (await chat.turn(turn.id)).state == "cancelled"
    assert await chat.frame_events(turn) == ["turn.cancelled"]
    assert chat.models.requests == []


async def test_a_queued_turn_whose_messages_are_erased_is_only_ended(chat: FakeChat) -> None:
    head = await chat.open()
    turn = (await chat.start(head, run_here=False)).turn
    await chat.store.messages.erase(head.id)
    await chat.store.conversations.erase("ann", head.id)
    await chat.receive_run_turn(turn.id)
    assert (await chat.turn(turn.id)).state == "cancelled"
    assert chat.models.requests == []
    assert await chat.tree(head.id) == []


async def test_an_abandoned_turn_fails_with_its_content(chat: FakeChat) -> None:
    head = await chat.open()
    turn = await chat.abandoned_turn(head, "Hel", "lo")
    await chat.other_process().receive_run_turn(turn.id)
    ended = await chat.turn(turn.id)
    assert ended.error is not None
    assert (ended.state, ended.attempt, ended.error.slug, ended.error.retryable) == (
        "failed", 2, "turn-abandoned", True,
    )  # fmt: skip
    assert (await chat.message(turn)).content == [TextBlock(text="Hello")]
    frames = await chat.log(turn)
    assert [frame.event for frame in frames] == [
        "turn.started", "message.delta", "message.delta", "usage", "turn.failed",
    ]  # fmt: skip
    assert [frame.attempt for frame in frames] == [1, 1, 1, 2, 2]
    assert (await chat.head(head)).running_turns == set()


async def test_an_abandoned_turn_is_settled_by_estimate(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "word " * 20)
    await chat.receive_run_turn(turn.id)
    invocation = await chat.invocation(turn)
    assert (invocation.state, invocation.basis) == ("settled", "estimated")
    assert invocation.usage.input_tokens == tokens.estimate("Hello?")
    assert invocation.usage.output_tokens == tokens.estimate("word " * 20)
    ended = await chat.turn(turn.id)
    assert ended.usage is not None
    assert ended.usage.cost_nano_usd == invocation.cost_nano_usd


async def test_an_invocation_that_the_runner_settled_before_it_died_is_not_changed(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "x")
    reported = await chat.metering.settle(await chat.invocation(turn), (await chat.invocation(turn)).usage, "reported")
    await chat.receive_run_turn(turn.id)
    assert (await chat.invocation(turn)).model_dump() == reported.model_dump()
    ended = await chat.turn(turn.id)
    assert ended.usage is not None
    assert ended.usage.basis == "reported"


async def test_an_abandoned_turn_with_a_cancel_request_is_cancelled(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "x")
    await chat.store.turns.request_cancel(turn.id)
    await chat.receive_run_turn(turn.id)
    assert (await chat.turn(turn.id)).state == "cancelled"
    assert (await chat.message(turn)).status == "cancelled"


async def test_a_turn_that_is_cancelled_during_its_takeover_is_cancelled(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "x")
    await chat.store.turns.request_cancel(turn.id)
    ended = await chat.supervisor.abandon(turn)  # the turn as read before the request
    assert ended is not None
    assert ended.state == "cancelled"


async def test_five_messages_at_once_end_the_turn_once(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "x")
    processes = [chat.other_process() for _ in range(5)]
    await asyncio.gather(*(each.receive_run_turn(turn.id) for each in processes), return_exceptions=True)
    assert (await chat.turn(turn.id)).state == "failed"
    assert (await chat.frame_events(turn)).count("turn.failed") == 1
    assert len(chat.outbox_events("turn.failed")) == 1
    assert [each.data["state"] for each in chat.outbox_events("model.invoked")] == ["opened", "settled"]


async def test_a_message_that_loses_the_claim_is_kept_until_the_turn_has_ended(chat: FakeChat) -> None:
    """The process that was first may die before it ends the turn, so the message must be kept."""
    turn = await chat.abandoned_turn(await chat.open(), "x")
    assert await chat.store.turns.claim(turn, chat.leases.lease_until())  # by a process that dies right after
    read = chat.store.turns.get

    async def as_before(_turn_id: str) -> Turn:
        chat.store.turns.get = read  # type: ignore[method-assign]
        return turn

    chat.store.turns.get = as_before  # type: ignore[assignment, method-assign]
    with pytest.raises(Postpone):
        await chat.receive_run_turn(turn.id)
    chat.clock.advance(LEASE_S + 1)
    await chat.receive_run_turn(turn.id)
    assert (await chat.turn(turn.id)).state == "failed"


async def test_a_late_frame_of_the_old_runner_does_not_prevent_the_end(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "x")
    chat.append_after_next_read(turn, Frame(3, "message.delta", '{"text":"y"}', 1))
    with pytest.raises(Postpone):
        await chat.receive_run_turn(turn.id)
    chat.clock.advance(LEASE_S + 1)
    await chat.receive_run_turn(turn.id)
    assert (await chat.turn(turn.id)).state == "failed"
    assert (await chat.message(turn)).content == [TextBlock(text="xy")]
    assert len(chat.outbox_events("turn.failed")) == 1


async def test_the_old_runner_is_fenced(chat: FakeChat) -> None:
    go = asyncio.Event()
    chat.models.answers = [*answer("a")[:1], go, *answer("b")]
    turn, task = await chat.running_turn(await chat.open())
    await until(lambda: (broadcast := chat.broadcast.find(turn.id)) and len(broadcast._frames) == 2)
    chat.clock.advance(LEASE_S + 1)
    await chat.other_process().receive_run_turn(turn.id)
    go.set()
    await task
    assert (await chat.turn(turn.id)).state == "failed"
    assert (await chat.message(turn)).content == [TextBlock(text="a")]
    assert [each.type for each in chat.outbox_events("chat.turn")] == ["chat.turn.started", "chat.turn.failed"]
    assert (await invocations(chat, turn))["answer"] == ("settled", "estimated")


async def test_a_turn_whose_model_is_no_longer_offered_still_ends_and_is_settled(chat: FakeChat) -> None:
    """As after a deployment that narrows the allow-list."""
    turn = await chat.abandoned_turn(await chat.open(), "x")
    later = chat.other_process(allowed_models=("scripted.fast",))
    assert turn.model == MODEL not in later.catalogue
    await later.receive_run_turn(turn.id)
    assert (await chat.turn(turn.id)).state == "failed"
    assert (await chat.invocation(turn)).cost_nano_usd > 0


async def test_the_open_title_of_a_dead_runner_is_settled_with_its_turn(chat: FakeChat) -> None:
    head = await chat.open(title=None)
    turn = await chat.abandoned_turn(head, "x")
    await chat.metering.open(
        chat.metering.new(turn.invocation_context, chat.catalogue.get("scripted.title"), "title", [])
    )
    await chat.receive_run_turn(turn.id)
    assert set((await invocations(chat, turn)).values()) == {("settled", "estimated")}


async def test_an_open_title_of_an_ended_turn_is_settled_too(chat: FakeChat) -> None:
    chat.models.titles = [asyncio.Event()]
    turn = await chat.ended_turn(await chat.open(title=None))
    chat.clock.advance(LEASE_S + 1)
    with pytest.raises(Postpone):  # it may still be generated
        await chat.other_process().receive_run_turn(turn.id)
    assert (await invocations(chat, turn))["title"] == ("opened", None)
    chat.clock.advance(chat.settings.first_token_s + chat.settings.silence_s)
    await chat.other_process().receive_run_turn(turn.id)
    assert (await invocations(chat, turn))["title"] == ("settled", "estimated")
    await chat.runner.drain()
    assert len(chat.outbox_events("model.invoked")) == 4


async def deleted(chat: FakeChat, head: Conversation) -> None:
    await chat.commit([chat.store.conversations.marked_deleted(head, chat.clock.now())])


async def test_an_abandoned_turn_of_a_deleted_conversation_ends_without_bringing_it_back(chat: FakeChat) -> None:
    head = await chat.open()
    turn = await chat.abandoned_turn(head, "x")
    await deleted(chat, head)
    await chat.receive_run_turn(turn.id)
    assert (await chat.turn(turn.id)).state == "cancelled"
    assert (await chat.head(head)).deleted_at
    assert await chat.store.messages.get(head.id, turn.message_id) is None
