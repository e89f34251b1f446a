"""Writes the tables, queues and bucket of a release, and the responses of its HTTP routes, as JSON files."""

import gzip
import json
import shutil
import time
from pathlib import Path
from typing import Any

from infra.deploy.house import PLATFORM
from tests.clients import messages
from tests.recorded.situations import System, waiting
from tests.waiting import eventually

QUEUES = {
    "turns": ("chat", "Turns"),
    "calls": ("agents", "Calls"),
    "agents-events": ("agents", "Events"),
    "analytics-events": ("analytics", "Events"),
    "bots-events": ("bots", "Events"),
    "chat-events": ("chat", "Events"),
    "ingest-events": ("ingest", "Events"),
}
TABLES = {
    "chat": ("chat", "Table"),
    "turn-log": ("chat", "TurnLogTable"),
    "agents": ("agents", "Table"),
    "analytics": ("analytics", "Table"),
    "bots": ("bots", "Table"),
    "ingest": ("ingest", "Table"),
}
LARGEST_TEXT = 100_000
_DELAYED_S = 20


def write(folder: Path, name: str, content: Any) -> None:
    path = folder / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def dump(system: System, events: list[dict[str, Any]], folder: Path, commit: str) -> None:
    """Replace the content of the folder, except its Python modules."""
    for old in ("tables", "queues", "objects", "answers"):
        shutil.rmtree(folder / old, ignore_errors=True)
    _dump_answers(system, folder)
    for process in system.processes.values():  # killed, so that no message is returned and no turn is handed over
        process.kill()
    recorded_at = round(time.time() * 1000)  # nothing changes from here on
    for name in QUEUES:
        write(folder, f"queues/{name}", _messages(system, name))
    for name, (service, output) in TABLES.items():
        rows = system.scan(service, output)
        write(folder, f"tables/{name}", sorted(rows, key=lambda row: (row["pk"]["S"], row["sk"]["S"])))
    _dump_objects(system, folder)
    write(folder, "events", _examples(events))
    write(folder, "release", {"commit": commit, "recorded_at": recorded_at, **vars(system.notes)})
    _check_that_calls_have_time(folder)


def _dump_answers(system: System, folder: Path) -> None:
    """Bodies of `GET` responses, each with caller and path: a later release must return the same."""
    system.start("ingest-http", "ingest", "http")
    system.start("analytics-http", "analytics", "http")
    notes = system.notes
    bot = notes.bots["with versions"]
    paths = [("ann", "/api/chat/conversations?limit=100"), ("mia", "/api/chat/conversations?limit=100")]
    for name, conversation in notes.conversations.items():
        if name not in {"erased", "deleted, not erased", "deleted with a queued turn"}:
            user = "mia" if name == "of another owner" else "ann"
            paths.append((user, f"{messages(conversation)}?limit=100"))
    paths += [("ann", f"/api/chat/turns/{turn}") for name, turn in notes.turns.items() if name != "erased"]
    paths += [("mia", "/api/bots/bots"), ("mia", f"/api/bots/bots/{bot}"), ("mia", f"/api/bots/bots/{bot}/versions")]
    paths += [("mia", f"/api/bots/bots/{bot}/versions/{number}") for number in range(1, 6)]
    paths += [("mia", f"/api/ingest/bots/{bot}/sources")]
    paths += [("ann", f"/api/agents/calls/{call}") for call in notes.calls.values()]
    day = time.strftime("%Y-%m-%d", time.gmtime())
    paths += [("ann", f"/api/analytics/usage/me?from={day}&to={day}&tz=UTC")]
    process = {"chat": "chat-a", "bots": "bots-http", "ingest": "ingest-http", "agents": "agents-http",
               "analytics": "analytics-http"}  # fmt: skip
    found: list[dict[str, Any]] = []
    for user, path in paths:
        service = path.split("/")[2]
        answer = system.person(user, process[service]).call("GET", path)
        assert answer.status in {200, 404}, answer
        body = _shortened(answer.json) if answer.status == 200 else None
        found.append({"user": user, "service": service, "path": path, "status": answer.status, "body": body})
    write(folder, "answers", found)


def _shortened(body: Any) -> Any:
    """Without the text of the long message, which is in `objects`."""
    for item in body.get("items", []):
        for block in item.get("content", []):
            if len(block.get("text", "")) > LARGEST_TEXT:
                block["text"] = {"characters": len(block["text"])}
    return body


def _messages(system: System, name: str) -> list[dict[str, Any]]:
    """Every message of a queue, delayed and hidden ones too; received, never deleted."""
    service, output = QUEUES[name]
    sqs, url = system.house.stack.client("sqs"), system.house.stack.outputs(service)[f"{output}QueueUrl"]
    if name == "calls":
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=system.hidden_call, VisibilityTimeout=0)
    found: dict[str, dict[str, Any]] = {}

    def all_received() -> bool:
        answer = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600, MessageAttributeNames=["All"],
            AttributeNames=["SentTimestamp"],
        )  # fmt: skip
        for message in answer.get("Messages", []):
            found[message["MessageId"]] = {
                "body": message["Body"],
                "attributes": message.get("MessageAttributes", {}),
                "sent_at": int(message["Attributes"]["SentTimestamp"]),
            }
        return len(found) == waiting(system, service, output)

    assert eventually(all_received, _DELAYED_S), f"{name}: {len(found)} of {waiting(system, service, output)} messages"
    return sorted(found.values(), key=lambda message: (message["sent_at"], message["body"]))


def _dump_objects(system: System, folder: Path) -> None:
    """Save the bodies compressed, because only long bodies are in the bucket."""
    s3, bucket = system.house.stack.client("s3"), system.house.stack.outputs(PLATFORM)["ContentBucket"]
    for found in s3.list_objects_v2(Bucket=bucket, Prefix="chat/").get("Contents", []):
        path = folder / "objects" / f"{found['Key']}.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        body = s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read()
        path.write_bytes(gzip.compress(body, mtime=0))


def _examples(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first and the last event of each type: of model invocations one opened and one settled."""
    examples: list[dict[str, Any]] = []
    for event_type in sorted({event["type"] for event in events}):
        of_type = [event for event in events if event["type"] == event_type]
        examples += [of_type[0], *of_type[1:][-1:]]
    return examples


def _check_that_calls_have_time(folder: Path) -> None:
    """Check that open calls are before their deadline: the tests set their clock to the time of the recording."""
    recorded_at = json.loads((folder / "release.json").read_text())["recorded_at"]
    for row in json.loads((folder / "tables/chat.json").read_text()):
        if "#CALL#" in row["sk"]["S"] and "answer" not in row:
            left_s = (int(row["deadline"]["N"]) - recorded_at) / 1000
            assert left_s > 10, f"only {left_s:.0f} s left of the call's time: the machine is too slow today"
