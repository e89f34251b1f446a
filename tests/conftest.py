"""Fixtures that every suite may use."""

import os
from collections.abc import Iterator

import pytest

from tests.fakes.dynamodb import MAX_PAGE_BYTES, FakeDynamoDb
from tests.ports import free_port
from tests.stack import DeployedAws, running_stack

# A developer's own settings must neither steer a test nor lead it to somebody's AWS.
_FOREIGN = ("AWS_", "COLLOQUY_", "OTEL_", "LOCALSTACK_", "EDGE_PORT", "USE_SSL", "USE_LEGACY_PORTS")
_OURS = {
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
        help="where a query of the fake table ends its page; DynamoDB's own pages end at 1 MB",
    )


def pytest_configure(config: pytest.Config) -> None:
    FakeDynamoDb.page_bytes = config.getoption("--dynamodb-page-bytes")


@pytest.fixture(scope="session", autouse=True)
def clean_environment() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [each for each in os.environ if each.startswith(_FOREIGN)]:
            patch.delenv(name)
        for name, value in _OURS.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def embedded_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedAws]:
    """One for the whole session: an embedded AWS with all stacks and the demo users. Share it, don't break it."""
    with running_stack(tmp_path_factory.mktemp("stack"), free_port()) as stack:
        yield stack
