"""The watchdog: it has a turn run that nobody runs, waits while somebody does, and runs none itself."""

import asyncio
import json

import pytest

from services.chat.domain import Turn
from services.chat.llm.port import ToolUse
from shared.events.consumer.dead_letters import DeadLetters
from shared.events.consumer.delivery import Delivery
from shared.events.consumer.messages import PoisonMessageError, Postpone, QueueMessage
from tests.fakes.chat_models import answer, calls
from tests.fakes.chat_service import CALLS, LEASE_S, TURNS, FakeChat

TOOLS = ("calculator",)


def ordered(chat: FakeChat) -> list[tuple[str, str]]:
    """Type and turn of each command on the queue *turns*."""
    bodies, attributes = chat.world.sqs.bodies(TURNS), chat.world.sqs.attributes(TURNS)
    return [(kept["type"], json.loads(body)["turn_id"]) for body, kept in zip(bodies, attributes, strict=True)]


async def waiting(chat: FakeChat) -> Turn:
    """A turn that waits for the answer to a tool call."""
    chat.models.first = [calls(ToolUse("calculator", {"expression": "6*7"}))]
    return await chat.answered(await chat.open(), tools=TOOLS)


async def test_while_a_runner_has_the_turn_it_looks_again_at_the_end_of_the_lease(chat: FakeChat) -> None:
    turn = (await chat.start(await chat.open())).turn
    chat.clock.advance(4)
    with pytest.raises(Postpone) as later:
        await chat.check(turn.id)
    assert later.value.seconds == pytest.approx(LEASE_S - 4 + 0.3)
    assert ordered(chat) == []


async def test_a_turn_that_nobody_runs_is_given_to_the_queue_of_turns_and_not_touched(chat: FakeChat) -> None:
    turn = await chat.abandoned(await chat.open(), "Hel")
    before = chat.dynamodb.items("chat")
    await chat.check(turn.id)
    assert ordered(chat) == [("chat.turn.run", turn.id)]
    assert chat.world.sqs.visible_in(TURNS) == [0]
    assert chat.dynamodb.items("chat") == before
    assert (chat.models.requests, chat.running._tasks) == ([], set())


async def test_a_turn_that_was_stopped_and_that_nobody_runs_is_ended_by_the_queue_of_turns(chat: FakeChat) -> None:
    turn = await chat.abandoned(await chat.open(), "Hel")
    await chat.store.turns.request_cancel(turn.id)
    await chat.check(turn.id)
    assert ordered(chat) == [("chat.turn.run", turn.id)]


async def test_calls_without_an_answer_are_sent_again_and_looked_at_later(chat: FakeChat) -> None:
    turn = await waiting(chat)
    sent = chat.world.sqs.bodies(CALLS)
    with pytest.raises(Postpone) as later:
        await chat.check(turn.id)
    assert later.value.seconds == 10
    assert chat.world.sqs.bodies(CALLS) == [*sent, *sent]
    assert ordered(chat) == []


async def test_a_turn_whose_calls_are_answered_goes_on_by_the_queue_of_turns(chat: FakeChat) -> None:
    turn = await waiting(chat)
    chat.clock.advance(61)  # no answer in time is an answer, too
    await chat.check(turn.id)
    assert ordered(chat) == [("chat.turn.run", turn.id)]
    assert (await chat.turn(turn.id)).state == "awaiting_tools"


async def test_a_turn_that_was_stopped_while_it_waited_asks_for_no_tool_again(chat: FakeChat) -> None:
    turn = await waiting(chat)
    sent = chat.world.sqs.bodies(CALLS)
    await chat.store.turns.request_cancel(turn.id)
    await chat.check(turn.id)
    assert ordered(chat) == [("chat.turn.run", turn.id)]
    assert chat.world.sqs.bodies(CALLS) == sent


async def test_nothing_is_left_to_do_for_a_turn_that_has_ended(chat: FakeChat) -> None:
    turn = await chat.answered(await chat.open())
    await chat.check(turn.id)
    assert ordered(chat) == []


async def test_a_title_that_nobody_finished_is_paid_for(chat: FakeChat) -> None:
    chat.models.titles = [asyncio.Event()]
    turn = await chat.answered(await chat.open(title=None))
    with pytest.raises(Postpone):  # it may still be made
        await chat.check(turn.id)
    chat.clock.advance(chat.settings.first_token_s + chat.settings.silence_s)
    await chat.check(turn.id)
    bills = {each.purpose: each.state for each in await chat.store.invocations.of_turn(turn.id)}
    assert bills == {"answer": "settled", "title": "settled"}
    await chat.running.drain()


async def test_a_turn_whose_transaction_is_under_way_is_waited_for_a_minute(chat: FakeChat) -> None:
    since = chat.now()
    with pytest.raises(Postpone):
        await chat.check("turn_1", since)
    chat.clock.advance(60)
    await chat.check("turn_1", since)
    assert ordered(chat) == []


@pytest.mark.parametrize("attributes", [{}, {"type": "chat.turn.run"}])
async def test_nothing_but_checks_is_done_for_its_queue(chat: FakeChat, attributes: dict[str, str]) -> None:
    with pytest.raises(PoisonMessageError):
        await chat.handle(
            "watchdogs", QueueMessage("m", '{"turn_id": "turn_1", "since": 1}', "r", attributes=attributes)
        )


class Queues:
    """Both queues of a chat and what works on them, second by second."""

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
    queues = Queues(chat.beside())
    for _ in range(lived_s):
        await queues.a_second_later()
        assert await chat.store.turns.renew(turn.id, 1, chat.keeper.lease_until())
    died_at = chat.now()
    while (await chat.turn(turn.id)).attempt == 1:
        await queues.a_second_later()
        assert chat.now() - died_at < 13_000
