"""Tool calls from chat's command to its result, through real processes of agents."""

import json
import signal
import time
from pathlib import Path

import pytest

from shared.clock import SystemClock
from tests.fakes.example_events import turn_cancelled
from tests.integration.agents.conftest import AgentsDriver
from tests.polling import eventually


def test_two_calls_are_executed_concurrently(driver: AgentsDriver, tmp_path: Path) -> None:
    driver.agents()
    calls = [
        driver.command("nap", {"seconds": 0.5, "run_log": str(tmp_path / f"run_log-{number}")}) for number in range(2)
    ]
    driver.send(*calls)
    answers = driver.results_of(*calls)
    assert [(answer.status, answer.output) for answer in answers] == [("success", {"naps": 1})] * 2
    assert all(500 <= answer.took_ms < 3000 for answer in answers)
    first, second = (event.data for event in driver.events_of(*calls))
    assert max(first["started_at"], second["started_at"]) < min(first["ended_at"], second["ended_at"])


def test_a_call_delivered_many_times_is_executed_once(driver: AgentsDriver, tmp_path: Path) -> None:
    for _ in range(2):
        driver.agents()
    run_log = tmp_path / "run_log"
    call = driver.command("nap", {"seconds": 0.3, "run_log": str(run_log)})
    driver.send(*[call] * 6)
    assert eventually(lambda: driver.results_of(call) and len(driver.answers) == 6, 20)
    assert eventually(lambda: driver.waiting_calls() == 0)
    assert run_log.read_text() == "nap\n"
    assert all(answer == driver.answers[0] for answer in driver.answers)
    assert [event.type for event in driver.events_of(call)] == ["agents.tool_call.completed"]


def test_a_call_that_cannot_be_executed_gets_a_result_with_the_reason(driver: AgentsDriver) -> None:
    agents = driver.agents()
    past = round(time.time() * 1000) - 1
    expected = [
        (driver.call("calculator", {"expression": "6 * 7"}), "success", '"result": "42"', None),
        (driver.call("calculator", {"expression": "771177/0"}), "error", "division by zero", "refused"),
        (driver.call("calculator", {"expression": 7}), "error", "valid string", "invalid_input"),
        (driver.call("calculator", {}), "error", "expression: Field required", "invalid_input"),
        (driver.call("canary", {"canary": 1}), "error", "There are: calculator, nap", "unknown_tool"),
        (driver.call("calculator", {"expression": "1"}, deadline=past), "error", "deadline", "too_late"),
    ]
    for (call, status, message_part, reason), answer in zip(
        expected, driver.results_of(*(each[0] for each in expected)), strict=True
    ):
        assert answer.status == status
        assert message_part in json.dumps(answer.output)
        (event,) = driver.events_of(call)
        assert event.data.get("reason") == reason
    assert not any(word in agents.log.read_text() for word in ("canary", "771177", "6 * 7"))


def test_calls_of_a_cancelled_turn_are_not_executed(driver: AgentsDriver) -> None:
    driver.agents()
    cancelled, other = (driver.command("calculator", {"expression": "1"}) for _ in range(2))
    event = turn_cancelled(SystemClock(), cancelled.turn_id)
    driver.stack.client("events").put_events(
        Entries=[
            {
                "EventBusName": driver.stack.platform["EventBus"],
                "Source": event.source,
                "DetailType": event.type,
                "Detail": event.model_dump_json(),
            }
        ]
    )
    assert eventually(lambda: driver.row(f"TURN#{cancelled.turn_id}", "CANCELLED"))
    driver.send(cancelled, other)
    driver.results_of(other)
    assert eventually(lambda: driver.waiting_calls() == 0)
    assert {answer.call_id for answer in driver.answers} == {other.call_id}
    assert driver.row(f"CALL#{cancelled.call_id}", "CALL") is None


def test_a_call_is_executed_again_after_its_process_was_killed(driver: AgentsDriver, tmp_path: Path) -> None:
    first = driver.agents()
    run_log = tmp_path / "run_log"
    call = driver.call("nap", {"seconds": 1, "run_log": str(run_log)})
    assert eventually(run_log.exists)
    first.kill()
    driver.agents()
    (answer,) = driver.results_of(call, deadline_s=25)
    assert (answer.status, answer.output) == ("success", {"naps": 2})
    (event,) = driver.events_of(call)
    assert event.data["attempt"] == 2


@pytest.mark.parametrize(("number", "was_killed"), [(signal.SIGKILL, True), (signal.SIGTERM, False)])
def test_no_call_is_lost_when_a_process_ends_during_many_calls(
    driver: AgentsDriver, tmp_path: Path, number: signal.Signals, was_killed: bool
) -> None:
    run_logs = [tmp_path / f"run_log-{index}" for index in range(60)]
    calls = [
        driver.command("nap", {"seconds": 1.5 if 5 <= index < 20 else 0.1, "run_log": str(run_log)})
        for index, run_log in enumerate(run_logs)
    ]
    first = driver.agents()
    driver.send(*calls[:5])
    driver.results_of(*calls[:5])
    driver.send(*calls[5:40])
    assert eventually(lambda: any(run_log.exists() for run_log in run_logs[5:20]))
    first.signal(number)
    driver.agents()
    driver.send(*calls[40:])
    answers = driver.results_of(*calls, deadline_s=30)
    assert {answer.status for answer in answers} == {"success"}
    events = driver.events_of(*calls)
    assert len({envelope.id for envelope in events}) == 60
    assert any(envelope.data["attempt"] > 1 for envelope in events) == was_killed
    for call, answer in zip(calls, answers, strict=True):
        (event,) = {envelope.id: envelope for envelope in events if envelope.subject == call.call_id}.values()
        assert answer.output in [{"naps": naps} for naps in range(1, event.data["attempt"] + 1)]


def test_after_sigterm_a_running_call_is_finished_and_the_process_ends(driver: AgentsDriver, tmp_path: Path) -> None:
    agents = driver.agents()
    run_log = tmp_path / "run_log"
    call = driver.call("nap", {"seconds": 1, "run_log": str(run_log)})
    assert eventually(run_log.exists)
    began = time.monotonic()
    assert agents.end() == 0
    assert time.monotonic() - began < 10
    (answer,) = driver.results_of(call)
    assert answer.output == {"naps": 1}
