"""Deletes many items of one table: 25 in a request, what it leaves over again with jittered back-off."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from tenacity import retry, retry_if_result, stop_after_attempt, wait_random_exponential

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_PER_REQUEST: Final = 25
_ATTEMPTS: Final = 8


class NotDeletedError(Exception):
    """The table was busy for too long; what is left can be deleted again."""


async def delete_all(dynamodb: "DynamoDBClient", table: str, keys: Sequence[Any]) -> None:
    """Items that do not exist are no error. Raises NotDeletedError, and what the client raises."""
    for start in range(0, len(keys), _PER_REQUEST):
        if await _delete(dynamodb, table, list(keys[start : start + _PER_REQUEST])):
            raise NotDeletedError(table)


@retry(
    retry=retry_if_result(bool),
    stop=stop_after_attempt(_ATTEMPTS),
    wait=wait_random_exponential(multiplier=0.05, max=1),
    retry_error_callback=lambda state: state.outcome.result() if state.outcome else [],
)
async def _delete(dynamodb: "DynamoDBClient", table: str, left: list[Any]) -> list[Any]:
    """The keys that it could not delete; they are taken out of `left`, so that the next attempt is for them alone."""
    answer = await dynamodb.batch_write_item(RequestItems={table: [{"DeleteRequest": {"Key": key}} for key in left]})
    again: Any = answer.get("UnprocessedItems", {}).get(table, [])
    left[:] = [each["DeleteRequest"]["Key"] for each in again]
    return left
