"""TransactWriteItems over named writes: a failed condition raises Conflict; conflicts and throttling are retried.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from tenacity import retry, retry_if_exception, stop_after_attempt, wait_random_exponential

from shared.aws.errors import AWS_ERRORS, CONDITION_FAILED, cancellation_reasons, is_busy_transaction
from shared.aws.items import from_item, item_bytes

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

Write = dict[str, Any]
"""One entry of TransactItems: `{"Put": {…}}`, `{"Update": {…}}`, `{"Delete": {…}}` or `{"ConditionCheck": {…}}`."""

MOST_WRITES: Final = 100
MOST_BYTES: Final = 4 * 1024 * 1024
_ATTEMPTS: Final = 8


class TransactionTooLargeError(ValueError):
    """The transaction has more writes or bytes than DynamoDB accepts; nothing was sent."""


class Conflict(Exception):  # noqa: N818 - a result that callers expect
    """Nothing was written. `names` are the writes whose conditions did not hold."""

    def __init__(self, items: Mapping[str, dict[str, Any] | None]) -> None:
        super().__init__(", ".join(sorted(items)))
        self.names = frozenset(items)
        self._items = dict(items)

    def item(self, name: str) -> dict[str, Any] | None:
        """The item under the key of this write; None if there is none or the write did not ask for it by `ALL_OLD`."""
        return self._items.get(name)


async def transact(dynamodb: "DynamoDBClient", writes: Mapping[str, Write], token: str) -> None:
    """Write all of it or nothing. Raises Conflict, TransactionTooLargeError, and what the client raises.

    `token` makes the request idempotent for ten minutes: when the response to a success was lost, the next attempt
    with the same token and the same writes succeeds instead of failing on its own writes.
    """
    _check_size(writes)
    try:
        await _send(dynamodb, list(writes.values()), token)
    except AWS_ERRORS as error:
        reasons = zip(writes, cancellation_reasons(error), strict=False)
        failed = {name: reason.item for name, reason in reasons if reason.code == CONDITION_FAILED}
        if failed:
            raise Conflict({name: from_item(item) if item else None for name, item in failed.items()}) from None
        raise


@retry(
    retry=retry_if_exception(is_busy_transaction),
    stop=stop_after_attempt(_ATTEMPTS),
    wait=wait_random_exponential(multiplier=0.02, max=1),
    reraise=True,
)
async def _send(dynamodb: "DynamoDBClient", writes: list[Write], token: str) -> None:
    await dynamodb.transact_write_items(TransactItems=writes, ClientRequestToken=token)  # type: ignore[arg-type]


def _check_size(writes: Mapping[str, Write]) -> None:
    if len(writes) > MOST_WRITES:
        raise TransactionTooLargeError(f"{len(writes)} writes; a transaction has at most {MOST_WRITES}")
    size = sum(item_bytes(put["Put"]["Item"]) for put in writes.values() if "Put" in put)
    if size > MOST_BYTES:
        raise TransactionTooLargeError(f"{size} bytes; a transaction has at most {MOST_BYTES}")
