"""A house for the chat suite: one model server, and chat processes as each test wants them."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.clients import Person
from tests.running import House, Process, StartProcess, house
from tests.stack import LocalStack


@pytest.fixture(scope="package")
def chat_house(embedded_aws: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(embedded_aws, tmp_path_factory.mktemp("chat-house")) as built:
        yield built


@pytest.fixture(scope="package")
def agents(chat_house: House) -> Process:
    """Executes tools for every chat process that is started after it."""
    process = chat_house.start("agents")
    chat_house.settings["agents_url"] = process.url
    return process


@pytest.fixture(scope="package")
def chat(chat_house: House, agents: Process) -> Process:  # noqa: ARG001 - agents first
    """The process that most tests talk to. Do not kill it: `start_chat`."""
    return chat_house.start("chat")


@pytest.fixture(scope="module")
def start_chat(chat_house: House, agents: Process) -> Iterator[StartProcess]:  # noqa: ARG001 - agents first
    """Starts another chat, by settings. It ends with the module: what is odd about it must not befall other turns."""
    with ExitStack() as started:

        def start(**settings: str) -> Process:
            process = chat_house.start("chat", **settings)
            started.callback(process.end)
            return process

        yield start


@pytest.fixture
def person(chat_house: House, chat: Process) -> Person:
    return Person(chat.url, chat_house.token("user@example.com"))


@pytest.fixture
def stranger(chat_house: House, chat: Process) -> Person:
    return Person(chat.url, chat_house.token("maker@example.com"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
