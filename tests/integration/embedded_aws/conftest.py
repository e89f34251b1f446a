"""The unpatched package beside ours, to show that each patch fixes a fault."""

from collections.abc import Iterator

import pytest

from tests.ports import free_port
from tests.stack import DeployedAws, running_stack, running_stock_aws


@pytest.fixture(scope="session")
def stock_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedAws]:
    with running_stack(tmp_path_factory.mktemp("stock"), free_port(), start=running_stock_aws) as stack:
        yield stack
