"""Deletes many items of one table: 25 in a request; unprocessed ones are sent again, with jittered back-off."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from tenacity import retry, retry_if_result, stop_after_attempt, wait_random_exponential

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

_PER_REQUEST: Final = 25
_ATTEMPTS: Final = 8


class NotDeletedError(Exception):
    """The table was throttled for too long; `delete_all` may be called again with the same keys."""


async def delete_all(dynamodb: "DynamoDBClient", table: str, keys: Sequence[Any]) -> None:
    """Delete items by their keys; missing ones are no error. Raises NotDeletedError, and what the client raises."""
    for start in range(0, len(keys), _PER_REQUEST):
        if await _delete_batch(dynamodb, table, list(keys[start : start + _PER_REQUEST])):
            raise NotDeletedError(table)


@retry(
    retry=retry_if_result(bool),
    stop=stop_after_attempt(_ATTEMPTS),
    wait=wait_random_exponential(multiplier=0.05, max=1),
    retry_error_callback=lambda state: state.outcome.result() if state.outcome else [],
)
async def _delete_batch(dynamodb: "DynamoDBClient", table: str, keys: list[Any]) -> list[Any]:
    """The keys that were not deleted. `keys` is changed to them, so that the next attempt sends only these."""
    answer = await dynamodb.batch_write_item(RequestItems={table: [{"DeleteRequest": {"Key": key}} for key in keys]})
    unprocessed: Any = answer.get("UnprocessedItems", {}).get(table, [])
    keys[:] = [each["DeleteRequest"]["Key"] for each in unprocessed]
    return keys
