"""Processes of the four services besides chat, with one embedded AWS and without a model server."""

from collections.abc import Iterator

import pytest

from tests.clients import Person
from tests.stack import DeployedAws
from tests.system import Process, System


@pytest.fixture(scope="package")
def processes(embedded_aws: DeployedAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Process]]:
    """The processes by service. They are shared by the folder: do not kill them."""
    system = System(embedded_aws, tmp_path_factory.mktemp("four-services"))
    try:
        yield {name: system.start(name) for name in ("analytics", "bots", "ingest", "agents")}
    finally:
        system.close()


@pytest.fixture(scope="package")
def tokens(embedded_aws: DeployedAws) -> dict[str, str]:
    """Tokens of the demo users, by the part of the address before the @."""
    return {name: embedded_aws.token(f"{name}@example.com") for name in ("maker", "user")}


@pytest.fixture
def maker(processes: dict[str, Process], tokens: dict[str, str]) -> Person:
    return Person(processes["bots"].url, tokens["maker"])


@pytest.fixture
def user(processes: dict[str, Process], tokens: dict[str, str]) -> Person:
    return Person(processes["bots"].url, tokens["user"])
