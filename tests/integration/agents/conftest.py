"""Real processes of agents in a deployment of their own; the test takes the place of chat."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from infra.deploy.desired_stack import Overrides
from infra.local.aws.deploy import deploy
from shared.clock import SystemClock
from shared.events.commands import AnswerToolCall, CallTool
from shared.events.envelope import Envelope
from shared.ids import UlidIds
from tests.polling import eventually
from tests.stack import DeployedAws
from tests.system import Process, System


@dataclass
class AgentsDriver:
    """Sends calls and receives results like chat, and receives all events like analytics."""

    stack: DeployedAws
    system: System
    answers: list[AnswerToolCall] = field(default_factory=list)
    events: list[Envelope] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ids = UlidIds(SystemClock())
        self.sqs = self.stack.client("sqs")

    def agents(self) -> Process:
        """Start one more process with the slow tool."""
        return self.system._start(
            "agents", ["-m", "tests.agents_with_slow_tools"], "/api/agents/ready", {}, "", port_option=False
        )

    def command(self, name: str, given: dict[str, Any], **more: Any) -> CallTool:
        return CallTool.model_validate(
            {
                "call_id": self.ids.new("call"),
                "turn_id": self.ids.new("turn"),
                "principal_kind": "user",
                "principal_id": "ann",
                "name": name,
                "input": given,
                "deadline": round((time.time() + 60) * 1000),
            }
            | more
        )

    def send(self, *commands: CallTool) -> None:
        for command in commands:
            self.sqs.send_message(
                QueueUrl=self.stack.outputs("agents")["CallsQueueUrl"],
                MessageBody=command.model_dump_json(),
                MessageAttributes={"type": {"DataType": "String", "StringValue": command.command_type}},
            )

    def call(self, name: str, given: dict[str, Any], **more: Any) -> CallTool:
        command = self.command(name, given, **more)
        self.send(command)
        return command

    def results_of(self, *commands: CallTool, deadline_s: float = 10) -> list[AnswerToolCall]:
        """Wait for the results of these calls; return the first of each."""
        call_ids = [command.call_id for command in commands]

        def all_received() -> bool:
            self.answers += [
                AnswerToolCall.model_validate_json(body) for body in self._received_bodies("chat", "TurnsQueueUrl")
            ]
            return set(call_ids) <= {answer.call_id for answer in self.answers}

        assert eventually(all_received, deadline_s), f"{len(self.answers)} answers"
        return [next(answer for answer in self.answers if answer.call_id == call) for call in call_ids]

    def events_of(self, *commands: CallTool, deadline_s: float = 10) -> list[Envelope]:
        """Wait until there is an event of each call; return all events of these calls."""
        call_ids = {command.call_id for command in commands}

        def all_published() -> bool:
            bodies = self._received_bodies("analytics", "EventsQueueUrl")
            self.events += [Envelope.model_validate(json.loads(body)["detail"]) for body in bodies]
            return call_ids <= {envelope.subject for envelope in self.events}

        assert eventually(all_published, deadline_s), f"{len(self.events)} events"
        return [envelope for envelope in self.events if envelope.subject in call_ids]

    def waiting_calls(self) -> int:
        """The number of calls on the queue, including those in flight and postponed ones."""
        queue = self.stack.outputs("agents")["CallsQueueUrl"]
        names = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]
        found = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    def row(self, pk: str, sk: str) -> dict[str, Any] | None:
        answer = self.stack.client("dynamodb").get_item(
            TableName=self.stack.outputs("agents")["Table"], Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True
        )
        item: dict[str, Any] | None = answer.get("Item")
        return item

    def _received_bodies(self, service: str, queue: str) -> list[str]:
        url, bodies = self.stack.outputs(service)[queue], []
        while messages := self._received(url):
            for message in messages:
                bodies.append(message["Body"])
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return bodies

    def _received(self, url: str) -> list[dict[str, str]]:
        answer = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
        return list(answer.get("Messages", []))


@pytest.fixture(scope="package")
def own_stacks(embedded_aws: DeployedAws) -> DeployedAws:
    """Another environment on the same AWS, so that no other process polls its queues."""
    return DeployedAws(embedded_aws.aws, deploy(embedded_aws.aws.endpoint, Overrides("calls")))


@pytest.fixture
def driver(own_stacks: DeployedAws, tmp_path: Path) -> Iterator[AgentsDriver]:
    system = System(own_stacks, tmp_path)
    try:
        yield AgentsDriver(own_stacks, system)
    finally:
        system.close()
