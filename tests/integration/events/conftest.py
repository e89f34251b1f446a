"""Real clients of the embedded AWS, and a table, a bus and queues for each test."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from shared.aws import Aws
from tests.stack import DeployedAws


@dataclass(frozen=True)
class EventResources:
    """Names and URLs of the resources; every event of the bus is delivered to `queue`."""

    table: str
    bus: str
    queue: str
    dead: str


@pytest.fixture
def resources(embedded_aws: DeployedAws) -> Iterator[EventResources]:
    name = f"events-{uuid4().hex[:8]}"
    dynamodb, sqs, events = (embedded_aws.client(each) for each in ("dynamodb", "sqs", "events"))
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    dead = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.create_event_bus(Name=name)
    pattern = json.dumps({"source": [{"prefix": "colloquy."}]})
    events.put_rule(Name=name, EventBusName=name, EventPattern=pattern)
    events.put_targets(Rule=name, EventBusName=name, Targets=[{"Id": "queue", "Arn": arn}])
    yield EventResources(name, name, queue, dead)
    events.remove_targets(Rule=name, EventBusName=name, Ids=["queue"])
    events.delete_rule(Name=name, EventBusName=name)
    events.delete_event_bus(Name=name)
    sqs.delete_queue(QueueUrl=queue)
    sqs.delete_queue(QueueUrl=dead)
    dynamodb.delete_table(TableName=name)


@pytest.fixture
async def aws(embedded_aws: DeployedAws, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Aws]:
    for name, value in embedded_aws.aws.environment.items():
        monkeypatch.setenv(name, value)
    async with Aws.open() as opened:
        yield opened


@pytest.fixture
async def dynamodb(aws: Aws) -> Any:
    return await aws.dynamodb()


@pytest.fixture
def table(resources: EventResources) -> str:
    return resources.table
