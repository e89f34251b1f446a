"""TransactWriteItems with its two meanings apart: a condition that failed is an answer, a conflict is tried again."""

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_random_exponential

from shared.aws.items import from_item

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient

Write = dict[str, Any]
"""One entry of TransactItems."""

_ATTEMPTS: Final = 8
_BUSY: Final = frozenset(
    {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded"}
)
_BUSY_ERRORS: Final = frozenset(
    {
        "TransactionInProgressException",
        "ThrottlingException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "InternalServerError",
    }
)


class Cancelled(Exception):  # noqa: N818 - an answer: one of the conditions did not hold
    """Nothing was written. `failed` are the positions of the writes whose conditions did not hold."""

    def __init__(self, reasons: Sequence[dict[str, Any]]) -> None:
        super().__init__("transaction cancelled")
        self.failed = frozenset(
            position for position, reason in enumerate(reasons) if reason.get("Code") == "ConditionalCheckFailed"
        )
        self._reasons = reasons

    def found(self, position: int) -> dict[str, Any] | None:
        """The item that stood in the way, when the write asked for it by `ALL_OLD`."""
        item = self._reasons[position].get("Item")
        return from_item(item) if item else None


def _worth_repeating(error: BaseException) -> bool:
    if not isinstance(error, ClientError):
        return False
    code = error.response.get("Error", {}).get("Code", "")
    reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", [])}
    return code in _BUSY_ERRORS or (bool(reasons & _BUSY) and "ConditionalCheckFailed" not in reasons)


@retry(
    retry=retry_if_exception(_worth_repeating),
    stop=stop_after_attempt(_ATTEMPTS),
    wait=wait_random_exponential(multiplier=0.02, max=1),
    reraise=True,
)
async def _write(dynamodb: "DynamoDBClient", writes: Sequence[Write], token: str) -> None:
    await dynamodb.transact_write_items(TransactItems=list(writes), ClientRequestToken=token)  # type: ignore[arg-type]


async def transact(dynamodb: "DynamoDBClient", writes: Sequence[Write]) -> None:
    """All of it or nothing. Raises Cancelled when a condition does not hold.

    One token for all attempts: when the answer to a success was lost, the next attempt is told of that success
    instead of failing on its own writes.
    """
    try:
        await _write(dynamodb, writes, secrets.token_hex(16))
    except ClientError as error:
        reasons: Any = error.response.get("CancellationReasons", [])
        if any(reason.get("Code") == "ConditionalCheckFailed" for reason in reasons):
            raise Cancelled(reasons) from None
        raise
