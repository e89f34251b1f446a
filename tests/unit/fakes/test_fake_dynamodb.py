"""The fake table behaves as the house believes of DynamoDB; the embedded AWS is asked the same elsewhere."""

import pytest

from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.dynamodb_habits import DynamoDbHabits


class TestFakeDynamoDb(DynamoDbHabits):
    @pytest.fixture
    def dynamodb(self) -> FakeDynamoDb:
        return FakeDynamoDb()

    @pytest.fixture
    def table(self) -> str:
        return "t"
