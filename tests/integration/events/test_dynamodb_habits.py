"""The embedded AWS behaves as the fake table does, so that unit tests tell the truth."""

from tests.fakes.dynamodb_habits import DynamoDbHabits


class TestEmbeddedDynamoDb(DynamoDbHabits):
    """Fixtures come from the conftest."""
