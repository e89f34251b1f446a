"""The embedded AWS fulfils the same contract as the fake table, which confirms the unit tests."""

from tests.fakes.dynamodb_contract import DynamoDbContract


class TestEmbeddedDynamoDb(DynamoDbContract):
    """Fixtures come from the conftest."""
