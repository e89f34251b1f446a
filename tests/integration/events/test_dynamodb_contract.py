"""The embedded AWS behaves as the fake table does, so that unit tests tell the truth."""

from tests.fakes.dynamodb_contract import DynamoDbContract


class TestEmbeddedDynamoDb(DynamoDbContract):
    """Fixtures come from the conftest."""
