"""A separate embedded AWS, so that other processes neither receive from its queues nor add dead letters."""

from collections.abc import Iterator

import pytest

from tests.ports import free_port
from tests.stack import DeployedAws, running_stack


@pytest.fixture(scope="package")
def embedded_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedAws]:
    with running_stack(tmp_path_factory.mktemp("own-stack"), free_port()) as stack:
        yield stack
