"""A system whose HTTP is processes and whose queues and outboxes are functions; the test plays Lambda's part."""

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
    """An environment of its own on the same AWS: nobody polls its queues. No process runs yet but the models'."""
    stack = DeployedAws(embedded_aws.aws, deploy(embedded_aws.aws.endpoint, Overrides("functions")))
    seed(stack.client("cognito-idp"), stack.platform["UserPoolId"])
    with running_system(stack, tmp_path_factory.mktemp("functions-system")) as built:
        yield built


@pytest.fixture
def functions(functions_system: System, tmp_path: Path) -> Iterator[Functions]:
    """Nobody is summoned to a turn of an earlier test any more."""
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
    """Of a chat that takes messages and follows turns, but whose queue and outbox are left to functions."""
    agents = functions_system.start("agents", "--roles", "http")
    functions_system.settings["agents_url"] = agents.url
    chat = functions_system.start("chat", "--roles", "http", lease_s="3")
    return Person(chat.url, functions_system.token("user@example.com"))
