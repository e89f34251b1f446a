"""One system of packaged functions for all tests; the functions do not use the packages of this checkout."""

import threading
from collections.abc import Iterator

import pytest

from infra.packaging.build import build
from infra.packaging.target import Target
from tests.clients import Person
from tests.fakes.lambda_service import QueueMapping
from tests.lambdas.hosted_functions import Consumer, HostedFunctions, HttpFunction, hosted_functions
from tests.stack import DeployedAws
from tests.system import System, running_system

LEASE_S = "3"


@pytest.fixture(scope="session")
def functions_system(embedded_aws: DeployedAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system with only the process of the model server."""
    with running_system(embedded_aws, tmp_path_factory.mktemp("system")) as built:
        yield built


@pytest.fixture(scope="session")
def hosted(functions_system: System, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostedFunctions]:
    for _ in build(Target.here()):
        pass
    with hosted_functions(functions_system, tmp_path_factory.mktemp("functions")) as running:
        yield running


@pytest.fixture(scope="session")
def agents(hosted: HostedFunctions) -> HttpFunction:
    """Chat requests its list of tools."""
    function = hosted.http("agents")
    hosted.system.settings["agents_url"] = function.url
    return function


@pytest.fixture(scope="session")
def chat(hosted: HostedFunctions, agents: HttpFunction) -> HttpFunction:  # noqa: ARG001 - agents first
    return hosted.http("chat", "response_stream", lease_s=LEASE_S)


@pytest.fixture(scope="session")
def turns(hosted: HostedFunctions, agents: HttpFunction) -> Consumer:  # noqa: ARG001 - agents first
    return hosted.consumer("chat", "turns", lease_s=LEASE_S)


@pytest.fixture
def person(functions_system: System, chat: HttpFunction) -> Person:
    return Person(chat.url, functions_system.token("user@example.com"))


@pytest.fixture(scope="session")
def watchdogs(hosted: HostedFunctions, agents: HttpFunction) -> Consumer:  # noqa: ARG001 - agents first
    return hosted.consumer("chat", "watchdogs", lease_s=LEASE_S)


@pytest.fixture
def served_turns(functions_system: System, turns: Consumer, watchdogs: Consumer) -> Iterator[None]:
    """Deliver the messages of the queues of turns and watchdogs to their functions during the test."""
    stack, stop = functions_system.stack, threading.Event()

    def feed(queue: str, consumer: Consumer, batch_size: int) -> None:
        url = stack.outputs("chat")[queue]
        mapping = QueueMapping(stack.client("sqs"), url, consumer, batch_size=batch_size)  # type: ignore[arg-type]
        while not stop.is_set():
            if found := mapping.received(wait_s=1):
                mapping.invoke(found, seconds=40)

    threads = [
        threading.Thread(target=feed, args=arguments, daemon=True)
        for arguments in (("TurnsQueueUrl", turns, 1), ("WatchdogsQueueUrl", watchdogs, 10))
    ]
    for each in threads:
        each.start()
    yield
    stop.set()
    for each in threads:
        each.join(60)
