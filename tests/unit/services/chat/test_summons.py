"""What the queue *turns* brings: who is summoned to what, when, and what is no summons at all."""

import json

import pytest

from services.chat.summons import SummonedToErase, SummonedToTurn, Summons
from shared.events.messages import Poison, Postpone
from tests.fakes.chat_service import LEASE_S, TURNS, FakeChat
from tests.fakes.clock import FakeClock
from tests.fakes.sqs import FakeSqs


class Queue:
    def __init__(self, lease_s: float = LEASE_S) -> None:
        self.clock = FakeClock()
        self.sqs = FakeSqs(self.clock)
        self.summons = Summons(self.sqs, TURNS, self.clock, lease_s=lease_s)  # type: ignore[arg-type]


async def test_a_turn_is_run_now_and_watched_when_its_lease_may_be_over() -> None:
    queue = Queue()
    await queue.summons.run("turn_1")
    await queue.summons.watch("turn_2")
    told = [SummonedToTurn.model_validate_json(body) for body in queue.sqs.bodies(TURNS)]
    assert [each.turn_id for each in told] == ["turn_1", "turn_2"]
    assert queue.sqs.visible_in(TURNS) == [0, LEASE_S + 1]


@pytest.mark.parametrize(("lease_s", "delay"), [(0.4, 1), (2.5, 3), (2.6, 4), (9, 10)])
async def test_the_delay_is_a_whole_number_of_seconds_behind_the_lease(lease_s: float, delay: int) -> None:
    queue = Queue(lease_s)
    await queue.summons.watch("turn_1")
    assert queue.sqs.visible_in(TURNS) == [delay]


async def test_a_summons_to_erase_says_whose_and_since_when() -> None:
    queue = Queue()
    await queue.summons.erase("ann", "conv_1")
    (body,) = queue.sqs.bodies(TURNS)
    assert SummonedToErase.model_validate_json(body).model_dump() == {
        "conversation_id": "conv_1",
        "owner_id": "ann",
        "since": round(queue.clock.now().timestamp() * 1000),
    }


async def test_a_summons_to_a_turn_is_looked_at(chat: FakeChat) -> None:
    turn = (await chat.start(await chat.open(), here=False)).turn
    (body,) = chat.world.sqs.bodies(TURNS)
    await chat.receive(body)
    await chat.ran(turn.id)
    assert (await chat.turn(turn.id)).state == "completed"


async def test_a_summons_that_comes_too_early_comes_again(chat: FakeChat) -> None:
    await chat.start(await chat.open())
    (body,) = chat.world.sqs.bodies(TURNS)
    with pytest.raises(Postpone):
        await chat.receive(body)


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
async def test_what_is_no_summons_is_poison_whose_reason_quotes_nothing(chat: FakeChat, body: str) -> None:
    with pytest.raises(Poison) as poison:
        await chat.receive(body)
    assert "canary" not in poison.value.reason
