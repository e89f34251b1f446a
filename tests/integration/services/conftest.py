"""The four services beside chat, as processes around one embedded AWS. They need no model server."""

from collections.abc import Iterator

import pytest

from tests.clients import Person
from tests.stack import DeployedAws
from tests.system import Process, System


@pytest.fixture(scope="package")
def four(embedded_aws: DeployedAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Process]]:
    """By name. Shared by the folder: do not kill them."""
    system = System(embedded_aws, tmp_path_factory.mktemp("four-services"))
    try:
        yield {name: system.start(name) for name in ("analytics", "bots", "ingest", "agents")}
    finally:
        system.close()


@pytest.fixture(scope="package")
def tokens(embedded_aws: DeployedAws) -> dict[str, str]:
    """Of the demo users, by the part before the @."""
    return {name: embedded_aws.token(f"{name}@example.com") for name in ("maker", "user")}


@pytest.fixture
def maker(four: dict[str, Process], tokens: dict[str, str]) -> Person:
    return Person(four["bots"].url, tokens["maker"])


@pytest.fixture
def user(four: dict[str, Process], tokens: dict[str, str]) -> Person:
    return Person(four["bots"].url, tokens["user"])
