"""Does it answer? Calls that cost next to nothing and need no right that the service does not have anyway."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from shared.aws.items import to_item

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_sqs import SQSClient

Check = Callable[[], Awaitable[None]]
"""Raises when the dependency does not answer."""

_NOBODY: Final = to_item({"pk": "READINESS", "sk": "READINESS"})


def table_answers(dynamodb: "DynamoDBClient", table: str) -> Check:
    async def check() -> None:
        await dynamodb.get_item(TableName=table, Key=_NOBODY)

    return check


def queue_answers(sqs: "SQSClient", queue_url: str) -> Check:
    async def check() -> None:
        await sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])

    return check
