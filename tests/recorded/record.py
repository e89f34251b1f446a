"""`python -m tests.recorded.record release_2026_12`: records the state that this release has stored.

It runs the real services over an embedded AWS of its own, on free ports, for about a minute.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from infra.deploy.house import PLATFORM
from tests.ports import free_port
from tests.recorded.dump import dump
from tests.recorded.situations import (
    CREATING_BOT_ALLOWED_USER,
    OTHER_USER,
    System,
    record_open_state,
    record_settled_state,
)
from tests.running import house
from tests.stack import ROOT, LocalStack, running_stack

_BUS_QUEUE = "recorded-events"


def record(folder: Path) -> None:
    """Fill the folder; raises if a situation cannot be produced."""
    folder.mkdir(exist_ok=True)
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True)
    with tempfile.TemporaryDirectory() as folder_name, running_stack(Path(folder_name), free_port()) as stack:
        queue = _queue_of_all_events(stack)
        limits = {"open_streams_limit": "12", "running_turns_limit": "20"}
        with house(stack, Path(folder_name) / "logs", **limits) as built:
            system = System(built)
            system.notes.users = {"ann": _subject(stack, OTHER_USER), "mia": _subject(stack, CREATING_BOT_ALLOWED_USER)}
            record_settled_state(system)
            record_open_state(system)
            dump(system, _received_events(stack, queue), folder, commit.stdout.strip())


def _subject(stack: LocalStack, email: str) -> str:
    user = stack.client("cognito-idp").admin_get_user(UserPoolId=stack.platform["UserPoolId"], Username=email)
    return str(next(each["Value"] for each in user["UserAttributes"] if each["Name"] == "sub"))


def _queue_of_all_events(stack: LocalStack) -> str:
    """Create a queue with a rule for all events of the bus; returns its URL."""
    sqs, events, bus = stack.client("sqs"), stack.client("events"), stack.outputs(PLATFORM)["EventBus"]
    url = str(sqs.create_queue(QueueName=_BUS_QUEUE)["QueueUrl"])
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = json.dumps({"source": [{"prefix": "colloquy."}]})
    events.put_rule(Name=_BUS_QUEUE, EventBusName=bus, EventPattern=pattern, State="ENABLED")
    events.put_targets(Rule=_BUS_QUEUE, EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
    return url


def _received_events(stack: LocalStack, url: str) -> list[dict[str, Any]]:
    sqs, found = stack.client("sqs"), []
    while received := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        found += [json.loads(message["Body"])["detail"] for message in received]
        for message in received:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


if __name__ == "__main__":
    record(Path(__file__).parent / sys.argv[1])
