import json
from pathlib import Path

from infra.local.bedrock.journal import Journal
from infra.local.bedrock.journal_file import JournalFile
from shared.clock import SystemClock


def test_an_entry_is_there_from_the_start_and_moves_on_when_it_ends() -> None:
    journal = Journal(SystemClock())
    first, second = journal.begin("scripted.echo", "converse"), journal.begin("scripted.lorem", "converse")
    journal.record(first)
    journal.record(second)
    seen = journal.since(0)
    assert [entry["outcome"] for entry in seen["entries"]] == [None, None]
    journal.end(first, "completed")
    (changed,) = journal.since(seen["revision"])["entries"]
    assert (changed["request_id"], changed["outcome"]) == (first.request_id, "completed")
    assert changed["ended_at"] >= changed["started_at"]


def test_a_fault_is_not_the_clients_doing() -> None:
    journal = Journal(SystemClock())
    served = journal.begin("scripted.echo", "converse")
    served.outcome = "fault:silence"
    journal.end(served, "client_closed")
    assert journal.since(0)["entries"][0]["outcome"] == "fault:silence"


def test_the_file_survives_a_kill_and_says_what_was_left_open(tmp_path: Path) -> None:
    path = tmp_path / "log" / "served.jsonl"
    journal = Journal(SystemClock(), JournalFile(path))
    done, torn = journal.begin("a", "converse"), journal.begin("b", "converse")
    for served in (done, torn):
        journal.record(served)
    journal.end(done, "completed")
    with path.open("a") as file:
        file.write('{"request_id": "half a li')
    journal.close()
    again = Journal(SystemClock(), JournalFile(path))
    again.close()
    assert {entry["model"]: entry["outcome"] for entry in again.since(0)["entries"]} == {
        "a": "completed",
        "b": "server_died",
    }
    assert [json.loads(line)["model"] for line in path.read_text().splitlines()] == ["b", "a"]


def test_clearing_forgets_the_file_too(tmp_path: Path) -> None:
    path = tmp_path / "served.jsonl"
    journal = Journal(SystemClock(), JournalFile(path))
    journal.record(journal.begin("a", "converse"))
    journal.clear()
    journal.close()
    assert journal.since(0)["entries"] == []
    assert path.read_text() == ""
