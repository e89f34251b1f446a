import pytest

from tests.fakes.chat_service import FakeChat


@pytest.fixture
def chat() -> FakeChat:
    return FakeChat()
