"""Turns, frames and tool results are read consistently, also when a table's replicas lag."""

import pytest

from services.chat.domain import Frame, ToolCall, ToolResultBlock, ToolRound, Turn
from services.chat.tables.tool_rounds import ToolRounds
from services.chat.tables.turn_log import TurnLog
from tests.fakes.chat_service import FakeChat
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb


@pytest.fixture
async def turn(chat: FakeChat) -> Turn:
    started = (await chat.start(await chat.open())).turn
    chat.dynamodb.lags = True
    return started


@pytest.fixture
def lagging() -> FakeDynamoDb:
    found = FakeDynamoDb()
    found.lags = True
    return found


async def test_a_turn_is_read_with_its_last_claim(chat: FakeChat, turn: Turn) -> None:
    claimed = await chat.store.turns.claim(turn, 99)
    assert claimed is not None
    assert await chat.store.turns.get(turn.id) == claimed
    assert await chat.store.turns.get_many([turn.id]) == [claimed]


async def test_a_frame_is_found_as_soon_as_it_is_put(lagging: FakeDynamoDb) -> None:
    log = TurnLog(lagging, "log", FakeClock())  # type: ignore[arg-type]
    frame = Frame(1, "message.delta", '{"text":"one"}', 1)
    await log.append("turn_1", frame)
    assert await log.after("turn_1", 0) == [frame]
    assert await log.contains("turn_1", frame)


async def test_tool_results_are_read_as_soon_as_they_are_recorded(lagging: FakeDynamoDb) -> None:
    rounds = ToolRounds(lagging, "log")  # type: ignore[arg-type]
    calls = [ToolCall(id=name, deadline=7) for name in ("a", "b")]
    writes = rounds.put_new("turn_1", ToolRound(number=1, content=[], calls=calls))
    await lagging.transact_write_items(TransactItems=list(writes.values()))
    answer = ToolResultBlock(call_id="b", status="success", output={"é": 4.5}, took_ms=1)
    assert await rounds.record_result("turn_1", answer)
    (found,) = await rounds.of_turn("turn_1")
    assert [call.answer for call in found.calls] == [None, answer]
    assert not await rounds.record_result("turn_1", answer)
    assert not await rounds.record_result("turn_2", answer)
