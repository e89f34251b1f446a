"""A separate embedded AWS for these tests, so that no other process receives from its queues."""

from collections.abc import Iterator

import pytest

from tests.ports import free_port
from tests.stack import DeployedAws, running_stack


@pytest.fixture(scope="package")
def embedded_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedAws]:
    with running_stack(tmp_path_factory.mktemp("own-stack"), free_port()) as stack:
        yield stack
