"""A call from chat to its answer, through a real process: side by side, twice, late, wrong, cancelled, killed."""

import json
import signal
import time
from pathlib import Path

import pytest

from shared.clock import SystemClock
from tests.fakes.example_events import turn_cancelled
from tests.integration.agents.conftest import ChatsPlace
from tests.polling import eventually


def test_two_calls_are_executed_side_by_side(chats_place: ChatsPlace, tmp_path: Path) -> None:
    chats_place.agents()
    calls = [
        chats_place.command("nap", {"seconds": 0.5, "diary": str(tmp_path / f"diary-{number}")}) for number in range(2)
    ]
    chats_place.send(*calls)
    answers = chats_place.answered(*calls)
    assert [(answer.status, answer.output) for answer in answers] == [("success", {"naps": 1})] * 2
    assert all(500 <= answer.took_ms < 3000 for answer in answers)
    first, second = (told.data for told in chats_place.events_of(*calls))
    assert max(first["started_at"], second["started_at"]) < min(first["ended_at"], second["ended_at"])


def test_a_call_that_is_delivered_many_times_is_executed_once(chats_place: ChatsPlace, tmp_path: Path) -> None:
    for _ in range(2):
        chats_place.agents()
    diary = tmp_path / "diary"
    call = chats_place.command("nap", {"seconds": 0.3, "diary": str(diary)})
    chats_place.send(*[call] * 6)
    assert eventually(lambda: chats_place.answered(call) and len(chats_place.answers) == 6, 20)
    assert eventually(lambda: chats_place.waiting_calls() == 0)
    assert diary.read_text() == "nap\n"
    assert all(answer == chats_place.answers[0] for answer in chats_place.answers)
    assert [told.type for told in chats_place.events_of(call)] == ["agents.tool_call.completed"]


def test_what_cannot_be_done_is_answered_with_the_reason(chats_place: ChatsPlace) -> None:
    agents = chats_place.agents()
    past = round(time.time() * 1000) - 1
    expected = [
        (chats_place.call("calculator", {"expression": "6 * 7"}), "success", '"result": "42"', None),
        (chats_place.call("calculator", {"expression": "771177/0"}), "error", "division by zero", "refused"),
        (chats_place.call("calculator", {"expression": 7}), "error", "valid string", "invalid_input"),
        (chats_place.call("calculator", {}), "error", "expression: Field required", "invalid_input"),
        (chats_place.call("canary", {"canary": 1}), "error", "There are: calculator, nap", "unknown_tool"),
        (chats_place.call("calculator", {"expression": "1"}, deadline=past), "error", "deadline", "too_late"),
    ]
    for (call, status, says, reason), answer in zip(
        expected, chats_place.answered(*(each[0] for each in expected)), strict=True
    ):
        assert answer.status == status
        assert says in json.dumps(answer.output)
        (told,) = chats_place.events_of(call)
        assert told.data.get("reason") == reason
    assert not any(word in agents.log.read_text() for word in ("canary", "771177", "6 * 7"))


def test_calls_of_a_cancelled_turn_are_let_be(chats_place: ChatsPlace) -> None:
    chats_place.agents()
    cancelled, other = (chats_place.command("calculator", {"expression": "1"}) for _ in range(2))
    told = turn_cancelled(SystemClock(), cancelled.turn_id)
    chats_place.stack.client("events").put_events(
        Entries=[
            {
                "EventBusName": chats_place.stack.platform["EventBus"],
                "Source": told.source,
                "DetailType": told.type,
                "Detail": told.model_dump_json(),
            }
        ]
    )
    assert eventually(lambda: chats_place.row(f"TURN#{cancelled.turn_id}", "CANCELLED"))
    chats_place.send(cancelled, other)
    chats_place.answered(other)
    assert eventually(lambda: chats_place.waiting_calls() == 0)
    assert {answer.call_id for answer in chats_place.answers} == {other.call_id}
    assert chats_place.row(f"CALL#{cancelled.call_id}", "CALL") is None


def test_a_call_survives_the_death_of_the_process_that_executes_it(chats_place: ChatsPlace, tmp_path: Path) -> None:
    first = chats_place.agents()
    diary = tmp_path / "diary"
    call = chats_place.call("nap", {"seconds": 1, "diary": str(diary)})
    assert eventually(diary.exists)
    first.kill()
    chats_place.agents()
    (answer,) = chats_place.answered(call, deadline_s=25)
    assert (answer.status, answer.output) == ("success", {"naps": 2})
    (told,) = chats_place.events_of(call)
    assert told.data["attempt"] == 2


@pytest.mark.parametrize(("number", "died"), [(signal.SIGKILL, True), (signal.SIGTERM, False)])
def test_of_many_calls_none_is_lost_when_a_process_ends_in_the_middle(
    chats_place: ChatsPlace, tmp_path: Path, number: signal.Signals, died: bool
) -> None:
    diaries = [tmp_path / f"diary-{place}" for place in range(60)]
    calls = [
        chats_place.command("nap", {"seconds": 1.5 if 5 <= place < 20 else 0.1, "diary": str(diary)})
        for place, diary in enumerate(diaries)
    ]
    first = chats_place.agents()
    chats_place.send(*calls[:5])
    chats_place.answered(*calls[:5])
    chats_place.send(*calls[5:40])
    assert eventually(lambda: any(diary.exists() for diary in diaries[5:20]))
    first.signal(number)
    chats_place.agents()
    chats_place.send(*calls[40:])
    answers = chats_place.answered(*calls, deadline_s=30)
    assert {answer.status for answer in answers} == {"success"}
    told = chats_place.events_of(*calls)
    assert len({envelope.id for envelope in told}) == 60
    assert any(envelope.data["attempt"] > 1 for envelope in told) == died
    for call, answer in zip(calls, answers, strict=True):
        (event,) = {envelope.id: envelope for envelope in told if envelope.subject == call.call_id}.values()
        assert answer.output in [{"naps": naps} for naps in range(1, event.data["attempt"] + 1)]


def test_after_an_order_to_stop_a_call_is_finished_and_the_process_ends(
    chats_place: ChatsPlace, tmp_path: Path
) -> None:
    agents = chats_place.agents()
    diary = tmp_path / "diary"
    call = chats_place.call("nap", {"seconds": 1, "diary": str(diary)})
    assert eventually(diary.exists)
    began = time.monotonic()
    assert agents.end() == 0
    assert time.monotonic() - began < 10
    (answer,) = chats_place.answered(call)
    assert answer.output == {"naps": 1}
