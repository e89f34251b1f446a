"""The messages that a recorded release left on its queues finish its open turns."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.recorded.current import CONTENT_BUCKET, QUEUES, TABLES, Current
from tests.recorded.loader import ARRANGEMENTS, Recorded

NEW_TEXT = "Hello there."
"""The answer of the fake model."""
COMPLETED = ("killed in text", "killed in reasoning", "handed over", "queued", "half answered",
             "call answered, not seen", "call interrupted")  # fmt: skip
ENDS = {"turn.completed", "turn.failed", "turn.cancelled"}


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(params=ARRANGEMENTS, scope="module", loop_scope="module")
async def settled(request: pytest.FixtureRequest, recorded: Recorded) -> AsyncIterator[Current]:
    """The services after all queued messages were handled: in order, in reverse order, and each twice.

    Created once per arrangement: the tests below only read, or change nothing that another test reads.
    """
    loaded = await recorded.load(TABLES, QUEUES, CONTENT_BUCKET, ARRANGEMENTS[request.param])
    async with Current(loaded) as services:
        await services.handle_queued_messages()
        yield services


async def turn_and_answer(current: Current, recorded: Recorded, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A turn and its answer, as its owner reads them."""
    owner = recorded.user("ann")
    status, turn = await current.call(owner, "GET", f"/api/chat/turns/{recorded.turn(name)}")
    assert status == 200
    _, page = await current.call(owner, "GET", f"/api/chat/conversations/{turn['conversation_id']}/messages?limit=100")
    (answer,) = [each for each in page["items"] if each["id"] == turn["message_id"]]
    return turn, answer


def recorded_frames(recorded: Recorded, name: str) -> list[tuple[int, str, str]]:
    log = [row for row in recorded.rows("turn-log") if row["pk"]["S"] == f"TURN#{recorded.turn(name)}"]
    return [(int(row["sk"]["S"]), row["event"]["S"], row["data"]["S"]) for row in log]


def text_of(frames: list[tuple[int, str, str]]) -> str:
    return "".join(json.loads(data)["text"] for _, event, data in frames if event == "message.delta")


@pytest.mark.parametrize("name", [*COMPLETED, "cancel requested"])
async def test_a_log_is_continued_and_ends_once(name: str, recorded: Recorded, settled: Current) -> None:
    before, frames = recorded_frames(recorded, name), await settled.frames(recorded.turn(name))
    assert frames[: len(before)] == before
    assert [seq for seq, _, _ in frames] == list(range(1, len(frames) + 1))
    events = [event for _, event, _ in frames]
    assert [event for event in events if event in ENDS] == events[-1:]
    assert events.count("turn.started") == 1


@pytest.mark.parametrize("name", [*COMPLETED, "cancel requested"])
async def test_every_model_call_is_settled(name: str, recorded: Recorded, settled: Current) -> None:
    invocations = await settled.invocations(recorded.turn(name))
    assert {each.state for each in invocations} == {"settled"}


@pytest.mark.parametrize("name", COMPLETED)
async def test_a_turn_completes(name: str, recorded: Recorded, settled: Current) -> None:
    turn, answer = await turn_and_answer(settled, recorded, name)
    assert turn["state"] == "completed"
    assert answer["content"][-1]["text"].endswith(NEW_TEXT)


@pytest.mark.parametrize("name", ["killed in text", "handed over"])
async def test_a_turn_killed_in_its_text_is_resumed(name: str, recorded: Recorded, settled: Current) -> None:
    before = recorded_frames(recorded, name)
    frames = await settled.frames(recorded.turn(name))
    assert frames[len(before)][1] == "turn.resumed"
    turn, answer = await turn_and_answer(settled, recorded, name)
    assert answer["content"][0]["text"] == text_of(before).rstrip() + NEW_TEXT
    assert turn["attempt"] == 2


async def test_a_turn_killed_in_its_reasoning_is_restarted(recorded: Recorded, settled: Current) -> None:
    frames = await settled.frames(recorded.turn("killed in reasoning"))
    assert frames[len(recorded_frames(recorded, "killed in reasoning"))][1] == "turn.restarted"
    _, answer = await turn_and_answer(settled, recorded, "killed in reasoning")
    assert answer["content"] == [{"type": "text", "text": NEW_TEXT}]


async def test_a_queued_turn_runs_and_its_conversation_gets_a_title(recorded: Recorded, settled: Current) -> None:
    assert (await settled.frames(recorded.turn("queued")))[0][1] == "turn.started"
    path = f"/api/chat/conversations/{recorded.conversation('queued')}"
    _, head = await settled.call(recorded.user("ann"), "GET", path)
    assert (head["title"], head["title_source"], head["running_turns"]) == ("Greeting", "service", [])


async def test_a_turn_with_one_of_two_tool_results_gets_the_other(recorded: Recorded, settled: Current) -> None:
    _, answer = await turn_and_answer(settled, recorded, "half answered")
    results = [block for block in answer["content"] if block["type"] == "tool_result"]
    assert [(each["status"], each["output"]["result"]) for each in results] == [("success", "4"), ("success", "21")]


async def test_a_queued_tool_result_is_used(recorded: Recorded, settled: Current) -> None:
    _, answer = await turn_and_answer(settled, recorded, "call answered, not seen")
    (result,) = [block for block in answer["content"] if block["type"] == "tool_result"]
    assert result["output"] == {"result": "2.5", "exact": True}


async def test_an_interrupted_tool_call_is_taken_over(recorded: Recorded, settled: Current) -> None:
    """The tool does not exist in this checkout, so the result is an error."""
    _, answer = await turn_and_answer(settled, recorded, "call interrupted")
    call, result, _ = answer["content"]
    assert (result["call_id"], result["status"]) == (call["call_id"], "error")
    execution = await settled.calls.get(call["call_id"])
    assert execution is not None
    assert (execution.state, execution.attempt) == ("failed", 2)


async def test_a_turn_with_a_cancel_request_is_cancelled(recorded: Recorded, settled: Current) -> None:
    turn, answer = await turn_and_answer(settled, recorded, "cancel requested")
    assert (turn["state"], answer["status"]) == ("cancelled", "cancelled")
    assert answer["content"] == [{"type": "text", "text": text_of(recorded_frames(recorded, "cancel requested"))}]


async def test_deleted_conversations_are_erased_completely(recorded: Recorded, settled: Current) -> None:
    erased = {recorded.conversation("deleted, not erased"), recorded.conversation("deleted with a queued turn")}
    erased |= {recorded.turn(name) for name in recorded.notes["turns"] if name.startswith("to erase")}
    erased.add(recorded.turn("queued and deleted"))
    left = [
        key for key in settled.chat.stored_keys() if {part for key_part in key for part in key_part.split("#")} & erased
    ]
    assert left == []
    assert [key for _, key in settled.s3.objects if key.split("/")[1] in erased] == []
    assert len(settled.s3.objects) == 1  # the long message of a conversation that is not deleted


async def test_no_turn_runs_or_counts_towards_the_limit(recorded: Recorded, settled: Current) -> None:
    _, page = await settled.call(recorded.user("ann"), "GET", "/api/chat/conversations?limit=100")
    assert [each["running_turns"] for each in page["items"] if each["running_turns"]] == []
    conversation = recorded.conversation("without title and messages")
    assert await settled.start_turn(conversation, recorded.user("ann"), running_turns_limit=1)
