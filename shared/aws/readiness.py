"""Readiness checks of AWS resources. They cost almost nothing and need no permission beyond those of the service."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from shared.aws.items import to_item

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_sqs import SQSClient

Check = Callable[[], Awaitable[None]]
"""Raises when the dependency does not answer."""

_MISSING_KEY: Final = to_item({"pk": "READINESS", "sk": "READINESS"})


def table_answers(dynamodb: "DynamoDBClient", table: str) -> Check:
    async def check() -> None:
        await dynamodb.get_item(TableName=table, Key=_MISSING_KEY)

    return check


def queue_answers(sqs: "SQSClient", queue_url: str) -> Check:
    async def check() -> None:
        await sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])

    return check
