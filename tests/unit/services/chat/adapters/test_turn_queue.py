"""Commands of chat to itself: on which queue, when, and what is no command at all."""

import json

import pytest
from pydantic import BaseModel, ConfigDict, RootModel

from services.chat.adapters.turn_queue import CheckTurn, EraseConversation, RunTurn, TurnQueue
from shared.events.commands import AnswerToolCall, CommandQueue
from shared.events.consumer.messages import PoisonMessageError, Postpone
from tests.fakes.chat_service import LEASE_S, TURNS, WATCHDOGS, FakeChat, until, user
from tests.fakes.clock import FakeClock
from tests.fakes.sqs import FakeSqs


class Queue:
    def __init__(self, lease_s: float = LEASE_S) -> None:
        self.clock = FakeClock()
        self.sqs = FakeSqs(self.clock)
        turns, watchdogs = (CommandQueue(self.sqs, url) for url in (TURNS, WATCHDOGS))  # type: ignore[arg-type]
        self.turn_queue = TurnQueue(turns, watchdogs, self.clock, lease_s=lease_s)


async def test_a_turn_is_run_now_and_watched_when_its_lease_may_be_over() -> None:
    queue = Queue()
    await queue.turn_queue.enqueue("turn_1")
    await queue.turn_queue.schedule_check("turn_2")
    (run,), (watch,) = queue.sqs.bodies(TURNS), queue.sqs.bodies(WATCHDOGS)
    now = round(queue.clock.now().timestamp() * 1000)
    assert RunTurn.model_validate_json(run) == RunTurn(turn_id="turn_1", since=now)
    assert CheckTurn.model_validate_json(watch) == CheckTurn(turn_id="turn_2", since=now)
    assert queue.sqs.attributes(TURNS) == [{"type": "chat.turn.run"}]
    assert queue.sqs.attributes(WATCHDOGS) == [{"type": "chat.turn.check"}]
    assert (queue.sqs.visible_in(TURNS), queue.sqs.visible_in(WATCHDOGS)) == ([0], [LEASE_S + 1])


@pytest.mark.parametrize(("lease_s", "delay"), [(0.4, 1), (2.5, 3), (2.6, 4), (9, 10)])
async def test_the_delay_is_a_whole_number_of_seconds_behind_the_lease(lease_s: float, delay: int) -> None:
    queue = Queue(lease_s)
    await queue.turn_queue.schedule_check("turn_1")
    assert queue.sqs.visible_in(WATCHDOGS) == [delay]


async def test_a_summons_to_erase_says_whose_and_since_when() -> None:
    queue = Queue()
    await queue.turn_queue.erase("ann", "conv_1")
    (body,) = queue.sqs.bodies(TURNS)
    assert EraseConversation.model_validate_json(body).model_dump() == {
        "conversation_id": "conv_1",
        "owner_id": "ann",
        "since": round(queue.clock.now().timestamp() * 1000),
    }
    assert queue.sqs.attributes(TURNS) == [{"type": "chat.conversation.erase"}]


@pytest.mark.parametrize("command_type", ["chat.turn.run", None])
async def test_a_summons_to_a_turn_is_looked_at(chat: FakeChat, command_type: str | None) -> None:
    turn = (await chat.start(await chat.open(), run_here=False)).turn
    (body,) = chat.world.sqs.bodies(TURNS)
    await chat.receive_body(body, command_type)
    await chat.wait_for_runner(turn.id)
    assert (await chat.turn(turn.id)).state == "completed"


@pytest.mark.parametrize("command_type", ["chat.turn.run", None])  # without: a watchdog of the release before
async def test_a_summons_that_comes_too_early_comes_again(chat: FakeChat, command_type: str | None) -> None:
    await chat.start(await chat.open())
    (body,) = chat.world.sqs.bodies(WATCHDOGS)
    with pytest.raises(Postpone):
        await chat.receive_body(body, command_type)


async def test_a_watchdog_of_the_release_before_takes_over_itself(chat: FakeChat) -> None:
    turn = await chat.abandoned_turn(await chat.open())
    (body,) = chat.world.sqs.bodies(WATCHDOGS)
    await chat.other_process().receive_body(body)
    await until(lambda: chat.outbox_events("chat.turn.completed"))
    assert (await chat.turn(turn.id)).attempt == 2


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not json",
        "[]",
        "{}",
        '{"turn_id": "turn_1"}',
        '{"turn_id": "turn_1", "since": "soon"}',
        json.dumps({"turn_id": "turn_1", "since": 1, "prompt": "canary"}),
        json.dumps({"turn_id": "turn_1", "since": 1, "conversation_id": "canary", "owner_id": "ann"}),
    ],
)
async def test_what_is_no_command_and_has_no_type_is_poison_whose_reason_quotes_nothing(
    chat: FakeChat, body: str
) -> None:
    with pytest.raises(PoisonMessageError) as poison:
        await chat.receive_body(body)
    assert "canary" not in poison.value.reason


async def test_a_command_of_a_type_that_nobody_knows_is_poison(chat: FakeChat) -> None:
    with pytest.raises(PoisonMessageError, match=r"unknown command: chat\.turn\.forget"):
        await chat.receive_body('{"turn_id": "turn_1", "since": 1}', "chat.turn.forget")


# ── The release before types ──


class _SummonedToTurn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    turn_id: str
    since: int


class _SummonedToErase(BaseModel):
    model_config = ConfigDict(extra="forbid")
    conversation_id: str
    owner_id: str
    since: int


class _OldReader(RootModel[_SummonedToErase | AnswerToolCall | _SummonedToTurn]):
    """How the release before types reads the queue *turns*: recorded, so that it stays as it was."""


async def test_the_release_before_types_reads_what_this_one_sends() -> None:
    queue = Queue()
    await queue.turn_queue.enqueue("turn_1")
    await queue.turn_queue.erase("ann", "conv_1")
    answer = AnswerToolCall(
        turn_id="turn_01J00000000000000000000000",
        call_id="call_01J00000000000000000000000",
        status="success",
        output={"result": "42"},
        took_ms=3,
    )
    await CommandQueue(queue.sqs, TURNS).send(answer)  # type: ignore[arg-type]
    run, erase, answered = (_OldReader.model_validate_json(body).root for body in queue.sqs.bodies(TURNS))
    assert isinstance(run, _SummonedToTurn)
    assert isinstance(erase, _SummonedToErase)
    assert answered == answer


async def test_an_answer_to_a_tool_call_of_the_release_before_types_is_taken(chat: FakeChat) -> None:
    named = {"turn_id": "turn_01J00000000000000000000000", "call_id": "call_01J00000000000000000000000"}
    body = json.dumps(named | {"status": "success", "output": 1, "took_ms": 3, "traceparent": None})
    await chat.receive_body(body)  # nobody waits for it: nothing happens


async def test_an_erasure_of_the_release_before_types_is_done(chat: FakeChat) -> None:
    head = await chat.open()
    await chat.conversations.delete(user("ann"), head.id)
    (body,) = chat.world.sqs.bodies(TURNS)
    await chat.receive_body(body)
    assert chat.stored_keys() == []
