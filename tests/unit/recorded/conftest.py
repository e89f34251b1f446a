from collections.abc import AsyncIterator

import pytest

from tests.recorded.current import CONTENT_BUCKET, QUEUES, TABLES, Current
from tests.recorded.loader import RELEASE_2026_11, Recorded


@pytest.fixture(scope="session", params=[RELEASE_2026_11], ids=lambda recorded: recorded.name)
def recorded(request: pytest.FixtureRequest) -> Recorded:
    """Each recorded release whose state this checkout must read."""
    found: Recorded = request.param
    return found


@pytest.fixture
async def current(recorded: Recorded) -> AsyncIterator[Current]:
    """The services of this checkout over the recorded tables, bucket and queues."""
    loaded = await recorded.load(TABLES, QUEUES, CONTENT_BUCKET)
    async with Current(loaded, bot_creators=(recorded.user("mia"),)) as services:
        yield services
