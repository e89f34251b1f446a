"""Fixtures that every suite may use."""

import os
from collections.abc import Iterator

import pytest

from tests.fakes.dynamodb import MAX_PAGE_BYTES, FakeDynamoDb
from tests.ports import free_port
from tests.stack import DeployedAws, running_stack

# A developer's own settings must neither change a test nor connect it to a real AWS account.
_REMOVED_PREFIXES = ("AWS_", "COLLOQUY_", "OTEL_", "LOCALSTACK_", "EDGE_PORT", "USE_SSL", "USE_LEGACY_PORTS")
_TEST_ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--dynamodb-page-bytes",
        type=int,
        default=MAX_PAGE_BYTES,
        help="size limit of a query's page in FakeDynamoDb; DynamoDB's own limit is 1 MB",
    )


def pytest_configure(config: pytest.Config) -> None:
    FakeDynamoDb.page_bytes = config.getoption("--dynamodb-page-bytes")


@pytest.fixture(scope="session", autouse=True)
def clean_environment() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [each for each in os.environ if each.startswith(_REMOVED_PREFIXES)]:
            patch.delenv(name)
        for name, value in _TEST_ENVIRONMENT.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def embedded_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedAws]:
    """An embedded AWS with all stacks and the demo users, shared by all tests of the session."""
    with running_stack(tmp_path_factory.mktemp("stack"), free_port()) as stack:
        yield stack
