import json
from pathlib import Path

from infra.local.bedrock.request_log import RequestLog
from infra.local.bedrock.request_log_file import RequestLogFile
from shared.clock import SystemClock


def test_an_entry_exists_from_the_start_and_gets_a_new_revision_at_the_end() -> None:
    request_log = RequestLog(SystemClock())
    first, second = request_log.begin("scripted.echo", "converse"), request_log.begin("scripted.lorem", "converse")
    request_log.record(first)
    request_log.record(second)
    seen = request_log.since(0)
    assert [entry["outcome"] for entry in seen["entries"]] == [None, None]
    request_log.end(first, "completed")
    (changed,) = request_log.since(seen["revision"])["entries"]
    assert (changed["request_id"], changed["outcome"]) == (first.request_id, "completed")
    assert changed["ended_at"] >= changed["started_at"]


def test_the_outcome_of_a_fault_is_not_replaced_by_client_closed() -> None:
    request_log = RequestLog(SystemClock())
    served = request_log.begin("scripted.echo", "converse")
    served.outcome = "fault:silence"
    request_log.end(served, "client_closed")
    assert request_log.since(0)["entries"][0]["outcome"] == "fault:silence"


def test_after_a_kill_unfinished_entries_have_the_outcome_server_died(tmp_path: Path) -> None:
    path = tmp_path / "log" / "served.jsonl"
    request_log = RequestLog(SystemClock(), RequestLogFile(path))
    done, unfinished = request_log.begin("a", "converse"), request_log.begin("b", "converse")
    for served in (done, unfinished):
        request_log.record(served)
    request_log.end(done, "completed")
    with path.open("a") as file:
        file.write('{"request_id": "half a li')
    request_log.close()
    reopened = RequestLog(SystemClock(), RequestLogFile(path))
    reopened.close()
    assert {entry["model"]: entry["outcome"] for entry in reopened.since(0)["entries"]} == {
        "a": "completed",
        "b": "server_died",
    }
    assert [json.loads(line)["model"] for line in path.read_text().splitlines()] == ["b", "a"]


def test_clearing_empties_the_file(tmp_path: Path) -> None:
    path = tmp_path / "served.jsonl"
    request_log = RequestLog(SystemClock(), RequestLogFile(path))
    request_log.record(request_log.begin("a", "converse"))
    request_log.clear()
    request_log.close()
    assert request_log.since(0)["entries"] == []
    assert path.read_text() == ""
