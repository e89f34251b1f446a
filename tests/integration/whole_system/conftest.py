"""All five services, for tests of access and secrecy."""

from collections.abc import Iterator

import pytest

from infra.docs.openapi import SERVICES
from tests.stack import DeployedAws
from tests.system import Process, System, running_system

USERS = ("admin@example.com", "maker@example.com", "user@example.com")


@pytest.fixture(scope="package")
def whole_system(embedded_aws: DeployedAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with running_system(embedded_aws, tmp_path_factory.mktemp("whole-system"), log_level="debug") as built:
        yield built


@pytest.fixture(scope="package")
def services(whole_system: System) -> dict[str, Process]:
    return {service: whole_system.start(service) for service in SERVICES}
