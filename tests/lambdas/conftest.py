"""One house of functions for all: packages as `make build` makes them, nothing of this checkout beside them."""

import threading
from collections.abc import Iterator

import pytest

from infra.packaging.build import build
from infra.packaging.target import Target
from tests.clients import Person
from tests.fakes.lambda_service import QueueMapping
from tests.lambdas.hosting import Consumer, HttpFunction, Lambdas, lambdas
from tests.running import House, house
from tests.stack import LocalStack

LEASE_S = "3"


@pytest.fixture(scope="session")
def functions_house(embedded_aws: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """No process of it runs but the models'."""
    with house(embedded_aws, tmp_path_factory.mktemp("house")) as built:
        yield built


@pytest.fixture(scope="session")
def hosted(functions_house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lambdas]:
    for _ in build(Target.here()):
        pass
    with lambdas(functions_house, tmp_path_factory.mktemp("functions")) as running:
        yield running


@pytest.fixture(scope="session")
def agents(hosted: Lambdas) -> HttpFunction:
    """Asked by chat which tools there are."""
    function = hosted.http("agents")
    hosted.house.settings["agents_url"] = function.url
    return function


@pytest.fixture(scope="session")
def chat(hosted: Lambdas, agents: HttpFunction) -> HttpFunction:  # noqa: ARG001 - agents first
    return hosted.http("chat", "response_stream", lease_s=LEASE_S)


@pytest.fixture(scope="session")
def turns(hosted: Lambdas, agents: HttpFunction) -> Consumer:  # noqa: ARG001 - agents first
    return hosted.consumer("chat", "turns", lease_s=LEASE_S)


@pytest.fixture
def person(functions_house: House, chat: HttpFunction) -> Person:
    return Person(chat.url, functions_house.token("user@example.com"))


@pytest.fixture
def served_turns(functions_house: House, turns: Consumer) -> Iterator[None]:
    """The queue of turns feeds its function, as long as the test runs."""
    stack = functions_house.stack
    url = stack.outputs("chat")["TurnsQueueUrl"]
    mapping = QueueMapping(stack.client("sqs"), url, turns, batch_size=1)  # type: ignore[arg-type]
    stop = threading.Event()

    def feed() -> None:
        while not stop.is_set():
            if found := mapping.received(wait_s=1):
                mapping.invoke(found, seconds=40)

    feeding = threading.Thread(target=feed, daemon=True)
    feeding.start()
    yield
    stop.set()
    feeding.join(60)
