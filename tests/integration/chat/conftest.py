"""A system for the chat suite: one model server, and chat processes started by the tests."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.clients import Person
from tests.stack import DeployedAws
from tests.system import Process, StartProcess, System, running_system


@pytest.fixture(scope="package")
def chat_system(embedded_aws: DeployedAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(embedded_aws, tmp_path_factory.mktemp("chat-system")) as built:
        yield built


@pytest.fixture(scope="package")
def agents(chat_system: System) -> Process:
    """Executes tools for every chat process that is started afterwards."""
    process = chat_system.start("agents")
    chat_system.settings["agents_url"] = process.url
    return process


@pytest.fixture(scope="package")
def chat(chat_system: System, agents: Process) -> Process:  # noqa: ARG001 - agents first
    """The process that most tests use. Do not kill it; use `start_chat` for that."""
    return chat_system.start("chat")


@pytest.fixture(scope="module")
def start_chat(chat_system: System, agents: Process) -> Iterator[StartProcess]:  # noqa: ARG001 - agents first
    """Starts another chat with settings. It ends with the module, so that its settings do not affect other tests."""
    with ExitStack() as started:

        def start(**settings: str) -> Process:
            process = chat_system.start("chat", **settings)
            started.callback(process.end)
            return process

        yield start


@pytest.fixture
def person(chat_system: System, chat: Process) -> Person:
    return Person(chat.url, chat_system.token("user@example.com"))


@pytest.fixture
def stranger(chat_system: System, chat: Process) -> Person:
    return Person(chat.url, chat_system.token("maker@example.com"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
