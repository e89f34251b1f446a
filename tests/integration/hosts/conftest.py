"""A system with processes for HTTP and functions for queues and outboxes; the tests invoke them as Lambda would."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.deploy.desired_stack import Overrides
from infra.local.aws.deploy import deploy
from infra.local.seed import seed
from tests.clients import Person
from tests.lambda_functions import Functions
from tests.stack import DeployedAws
from tests.system import System, running_system


@pytest.fixture(scope="package")
def functions_system(embedded_aws: DeployedAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A separate environment on the same AWS, whose queues no process polls. Only the model server runs."""
    stack = DeployedAws(embedded_aws.aws, deploy(embedded_aws.aws.endpoint, Overrides("functions")))
    seed(stack.client("cognito-idp"), stack.platform["UserPoolId"])
    with running_system(stack, tmp_path_factory.mktemp("functions-system")) as built:
        yield built


@pytest.fixture
def functions(functions_system: System, tmp_path: Path) -> Iterator[Functions]:
    """Functions of the system. The queues of turns are emptied first: they may have commands of earlier tests."""
    stack = functions_system.stack
    for queue in ("TurnsQueueUrl", "WatchdogsQueueUrl"):
        stack.client("sqs").purge_queue(QueueUrl=stack.outputs("chat")[queue])
    functions = Functions(functions_system, tmp_path)
    try:
        yield functions
    finally:
        functions.close()


@pytest.fixture(scope="package")
def maker(functions_system: System) -> Person:
    return Person(functions_system.start("bots", "--roles", "http").url, functions_system.token("maker@example.com"))


@pytest.fixture(scope="package")
def person(functions_system: System) -> Person:
    """A person at a chat process with the role `http` only; functions handle its queues and its outbox."""
    agents = functions_system.start("agents", "--roles", "http")
    functions_system.settings["agents_url"] = agents.url
    chat = functions_system.start("chat", "--roles", "http", lease_s="3")
    return Person(chat.url, functions_system.token("user@example.com"))
