"""A house whose HTTP is processes and whose queues and outboxes are functions: as on AWS, with Lambda's part played."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.deploy.wanted import Wishes
from infra.local.aws.deploy import deploy
from infra.local.seed import seed
from tests.clients import Person
from tests.functions import Functions
from tests.running import House, house
from tests.stack import LocalStack


@pytest.fixture(scope="package")
def functions_house(embedded_aws: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An environment of its own on the same AWS: nobody polls its queues. No process runs yet but the models'."""
    stack = LocalStack(embedded_aws.aws, deploy(embedded_aws.aws.endpoint, Wishes("functions")))
    seed(stack.client("cognito-idp"), stack.platform["UserPoolId"])
    with house(stack, tmp_path_factory.mktemp("functions-house")) as built:
        yield built


@pytest.fixture
def functions(functions_house: House, tmp_path: Path) -> Iterator[Functions]:
    """Nobody is summoned to a turn of an earlier test any more."""
    stack = functions_house.stack
    stack.client("sqs").purge_queue(QueueUrl=stack.outputs("chat")["TurnsQueueUrl"])
    functions = Functions(functions_house, tmp_path)
    try:
        yield functions
    finally:
        functions.close()


@pytest.fixture(scope="package")
def maker(functions_house: House) -> Person:
    return Person(functions_house.start("bots", "--roles", "http").url, functions_house.token("maker@example.com"))


@pytest.fixture(scope="package")
def person(functions_house: House) -> Person:
    """Of a chat that takes messages and follows turns, but whose queue and outbox are left to functions."""
    agents = functions_house.start("agents", "--roles", "http")
    functions_house.settings["agents_url"] = agents.url
    chat = functions_house.start("chat", "--roles", "http", lease_s="3")
    return Person(chat.url, functions_house.token("user@example.com"))
