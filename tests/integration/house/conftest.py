"""All five services, as people and attackers meet them."""

from collections.abc import Iterator

import pytest

from infra.openapi import SERVICES
from tests.running import House, Process, house
from tests.stack import LocalStack

USERS = ("admin@example.com", "maker@example.com", "user@example.com")


@pytest.fixture(scope="package")
def whole_house(embedded_aws: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(embedded_aws, tmp_path_factory.mktemp("whole-house"), log_level="debug") as built:
        yield built


@pytest.fixture(scope="package")
def services(whole_house: House) -> dict[str, Process]:
    return {service: whole_house.start(service) for service in SERVICES}
