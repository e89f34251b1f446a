"""The watchdog: it enqueues turns without a runner, waits for those with one, and runs none itself."""

import asyncio
import json

import pytest

from services.chat.domain import Turn
from shared.events.consumer.dead_letters import DeadLetters
from shared.events.consumer.delivery import Delivery
from shared.events.consumer.messages import PoisonMessageError, Postpone, QueueMessage
from shared.llm.port import ToolUse
from tests.fakes.chat_models import answer, tool_calls
from tests.fakes.chat_service import CALLS, LEASE_S, TURNS, FakeChat

TOOLS = ("calculator",)


def ordered(chat: FakeChat) -> list[tuple[str, str]]:
    """Type and turn of each command on the queue *turns*."""
    bodies, attributes = chat.world.sqs.bodies(TURNS), chat.world.sqs.attributes(TURNS)
    return [(each["type"], json.loads(body)["turn_id"]) for body, each in zip(bodies, attributes, strict=True)]


async def waiting(chat: FakeChat) -> Turn:
    """A turn that waits for the result of a tool call."""
    chat.models.next_answers = [tool_calls(ToolUse("calculator", {"expression": "6*7"}))]
    return await chat.ended_turn(await chat.open(), tools=TOOLS)


async def test_a_running_turn_is_checked_again_at_the_end_of_its_lease(chat: FakeChat) -> None:
    turn = (await chat.start(await chat.open())).turn
    chat.clock.advance(4)
    with pytest.raises(Postpone) as later:
        await chat.receive_check_turn(turn.id)
    assert later.value.seconds == pytest.approx(LEASE_S - 4 + 0.3)
    assert ordered(chat) == []


async def test_a_turn_without_a_runner_is_enqueued_and_not_changed(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "Hel")
    before = chat.dynamodb.items("chat")
    await chat.receive_check_turn(turn.id)
    assert ordered(chat) == [("chat.turn.run", turn.id)]
    assert chat.world.sqs.visible_in(TURNS) == [0]
    assert chat.dynamodb.items("chat") == before
    assert (chat.models.requests, chat.tasks._tasks) == ([], set())


async def test_a_cancelled_turn_without_a_runner_is_enqueued(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open(), "Hel")
    await chat.store.turns.request_cancel(turn.id)
    await chat.receive_check_turn(turn.id)
    assert ordered(chat) == [("chat.turn.run", turn.id)]


async def test_pending_calls_are_sent_again_and_checked_later(chat: FakeChat) -> None:
    turn = await waiting(chat)
    sent = chat.world.sqs.bodies(CALLS)
    with pytest.raises(Postpone) as later:
        await chat.receive_check_turn(turn.id)
    assert later.value.seconds == 10
    assert chat.world.sqs.bodies(CALLS) == [*sent, *sent]
    assert ordered(chat) == []


async def test_a_turn_whose_calls_have_results_is_enqueued(chat: FakeChat) -> None:
    turn = await waiting(chat)
    chat.clock.advance(61)  # past the deadline, so the calls have failed results
    await chat.receive_check_turn(turn.id)
    assert ordered(chat) == [("chat.turn.run", turn.id)]
    assert (await chat.turn(turn.id)).state == "awaiting_tools"


async def test_a_cancelled_turn_sends_no_calls_again(chat: FakeChat) -> None:
    turn = await waiting(chat)
    sent = chat.world.sqs.bodies(CALLS)
    await chat.store.turns.request_cancel(turn.id)
    await chat.receive_check_turn(turn.id)
    assert ordered(chat) == [("chat.turn.run", turn.id)]
    assert chat.world.sqs.bodies(CALLS) == sent


async def test_nothing_is_left_to_do_for_a_turn_that_has_ended(chat: FakeChat) -> None:
    turn = await chat.ended_turn(await chat.open())
    await chat.receive_check_turn(turn.id)
    assert ordered(chat) == []


async def test_an_unfinished_title_is_settled(chat: FakeChat) -> None:
    chat.models.titles = [asyncio.Event()]
    turn = await chat.ended_turn(await chat.open(title=None))
    with pytest.raises(Postpone):  # it may still be generated
        await chat.receive_check_turn(turn.id)
    chat.clock.advance(chat.settings.first_token_s + chat.settings.silence_s)
    await chat.receive_check_turn(turn.id)
    invocations = {each.purpose: each.state for each in await chat.store.invocations.of_turn(turn.id)}
    assert invocations == {"answer": "settled", "title": "settled"}
    await chat.runner.drain()


async def test_an_unknown_turn_is_waited_for_a_minute(chat: FakeChat) -> None:
    since = chat.now()
    with pytest.raises(Postpone):
        await chat.receive_check_turn("turn_1", since)
    chat.clock.advance(60)
    await chat.receive_check_turn("turn_1", since)
    assert ordered(chat) == []


@pytest.mark.parametrize("attributes", [{}, {"type": "chat.turn.run"}])
async def test_its_queue_accepts_checks_only(chat: FakeChat, attributes: dict[str, str]) -> None:
    with pytest.raises(PoisonMessageError):
        await chat.receive_message(
            "watchdogs", QueueMessage("m", '{"turn_id": "turn_1", "since": 1}', "r", attributes=attributes)
        )


class Queues:
    """Both queues of a chat and their consumers, advanced second by second."""

    def __init__(self, chat: FakeChat) -> None:
        self._chat = chat
        self._sqs = chat.world.sqs
        self._deliveries = {
            queue.url: Delivery(
                self._sqs,  # type: ignore[arg-type]
                queue.url,
                DeadLetters(self._sqs, "dead"),  # type: ignore[arg-type]
                queue.handle,
                chat.clock,
                visibility_s=None,
            )
            for queue in chat.queues()
        }

    async def a_second_later(self) -> None:
        self._chat.clock.advance(1)
        for url, delivery in self._deliveries.items():
            received = await self._sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
            )
            for message in received.get("Messages", []):
                await delivery.handle(QueueMessage.from_sqs(message))


@pytest.mark.parametrize("lived_s", [0, 3, 8, 9, 10, 11, 30, 59])
async def test_whenever_a_runner_dies_its_turn_is_taken_over_soon(chat: FakeChat, lived_s: int) -> None:
    """Within 30 s on Lambda, too: up to 12 s more when a watchdog's function dies (its queue's visibility timeout)."""
    chat.models.answers = answer("Hello.")
    turn = (await chat.start(await chat.open())).turn
    queues = Queues(chat.other_process())
    for _ in range(lived_s):
        await queues.a_second_later()
        assert await chat.store.turns.renew(turn.id, 1, chat.leases.lease_until())
    died_at = chat.now()
    while (await chat.turn(turn.id)).attempt == 1:
        await queues.a_second_later()
        assert chat.now() - died_at < 13_000
