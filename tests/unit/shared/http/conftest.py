from collections.abc import AsyncIterator

import pytest

from tests.fakes.http_service import Client, Context, FakeVerifier, notes_client


@pytest.fixture
def context() -> Context:
    return Context()


@pytest.fixture
def people() -> FakeVerifier:
    return FakeVerifier({"admin": frozenset({"Admin"})})


@pytest.fixture
async def client(context: Context, people: FakeVerifier) -> AsyncIterator[Client]:
    async with notes_client(context, people) as client:
        yield client
