"""Commands of chat to itself: their queues, their delays, and messages that are no command."""

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


async def test_a_run_command_has_no_delay_and_a_check_comes_after_the_lease() -> None:
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
async def test_a_check_is_delayed_by_whole_seconds_beyond_the_lease(lease_s: float, delay: int) -> None:
    queue = Queue(lease_s)
    await queue.turn_queue.schedule_check("turn_1")
    assert queue.sqs.visible_in(WATCHDOGS) == [delay]


async def test_an_erase_command_has_the_owner_and_the_time_of_the_request() -> None:
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
async def test_a_run_command_runs_the_turn(chat: FakeChat, command_type: str | None) -> None:
    turn = (await chat.start(await chat.open(), run_here=False)).turn
    (body,) = chat.world.sqs.bodies(TURNS)
    await chat.receive_body(body, command_type)
    await chat.wait_for_runner(turn.id)
    assert (await chat.turn(turn.id)).state == "completed"


@pytest.mark.parametrize("command_type", ["chat.turn.run", None])  # None: a check sent by the previous release
async def test_a_check_that_arrives_before_the_lease_ended_is_postponed(
    chat: FakeChat, command_type: str | None
) -> None:
    await chat.start(await chat.open())
    (body,) = chat.world.sqs.bodies(WATCHDOGS)
    with pytest.raises(Postpone):
        await chat.receive_body(body, command_type)


async def test_a_check_of_the_previous_release_takes_the_turn_over(chat: FakeChat) -> None:
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
async def test_an_invalid_command_without_a_type_is_poison_and_its_reason_quotes_nothing(
    chat: FakeChat, body: str
) -> None:
    with pytest.raises(PoisonMessageError) as poison:
        await chat.receive_body(body)
    assert "canary" not in poison.value.reason


async def test_a_command_of_an_unknown_type_is_poison(chat: FakeChat) -> None:
    with pytest.raises(PoisonMessageError, match=r"unknown command: chat\.turn\.forget"):
        await chat.receive_body('{"turn_id": "turn_1", "since": 1}', "chat.turn.forget")


# ── The release before commands had a type ──


class _OldRunTurn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    turn_id: str
    since: int


class _OldEraseConversation(BaseModel):
    model_config = ConfigDict(extra="forbid")
    conversation_id: str
    owner_id: str
    since: int


class _OldReader(RootModel[_OldEraseConversation | AnswerToolCall | _OldRunTurn]):
    """How the release before typed commands reads the queue *turns*. A record: do not change it."""


async def test_the_release_before_types_can_read_commands_of_this_one() -> None:
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
    assert isinstance(run, _OldRunTurn)
    assert isinstance(erase, _OldEraseConversation)
    assert answered == answer


async def test_a_tool_result_without_a_type_is_accepted(chat: FakeChat) -> None:
    ids = {"turn_id": "turn_01J00000000000000000000000", "call_id": "call_01J00000000000000000000000"}
    body = json.dumps(ids | {"status": "success", "output": 1, "took_ms": 3, "traceparent": None})
    await chat.receive_body(body)  # no turn waits for it: nothing happens


async def test_an_erase_command_without_a_type_is_executed(chat: FakeChat) -> None:
    head = await chat.open()
    await chat.conversations.delete(user("ann"), head.id)
    (body,) = chat.world.sqs.bodies(TURNS)
    await chat.receive_body(body)
    assert chat.stored_keys() == []
