"""Error codes of AWS services: the only place that knows their names.

Messages of errors stay out of every answer and log line: they may quote what was sent.
"""

from typing import Any, Final, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as EndpointConnectionError

from shared.aws.items import Item

AWS_ERRORS: Final = (ClientError, BotoCoreError)
"""What a call of an AWS client raises when the service refuses, or cannot be reached."""

CONDITION_FAILED: Final = "ConditionalCheckFailed"
"""Reason of one write of a cancelled transaction: its condition did not hold."""
TRANSACTION_CONFLICT: Final = "TransactionConflictException"
"""A single write met a transaction on the same item; the write may be sent again."""

_THROTTLED: Final = frozenset(
    {
        "ProvisionedThroughputExceeded",  # as a reason of a cancelled transaction
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "Throttling",
        "ThrottlingError",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_REPEATED_BY_BOTOCORE: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
_REPEATED_STATUSES: Final = frozenset({500, 502, 503, 504})
_UNAVAILABLE: Final = frozenset(
    {"InternalFailure", "InternalServerError", "ServiceUnavailable", "ServiceUnavailableException"}
)
_BUSY_TRANSACTION: Final = frozenset({"TransactionConflict", "TransactionInProgressException", "InternalServerError"})


class CancellationReason(NamedTuple):
    """What happened to one write of a cancelled transaction.

    `code` is `None` (the text) for a write that was not the reason. `item` is the item that made its condition fail,
    when the write asked for it by `ALL_OLD`.
    """

    code: str
    item: Item | None


def error_code(error: BaseException) -> str:
    """AWS's name for the error, else the class's name."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "ClientError"))
    return type(error).__name__


def is_condition_failed(error: BaseException) -> bool:
    """Whether the condition of a single write (PutItem, UpdateItem, DeleteItem) did not hold."""
    return error_code(error) == "ConditionalCheckFailedException"


def standing_item(error: BaseException) -> Item | None:
    """The item that made a condition fail, when the write asked for it by `ALL_OLD`."""
    found: Any = error.response.get("Item") if isinstance(error, ClientError) else None
    return found if isinstance(found, dict) else None


def cancellation_reasons(error: BaseException) -> list[CancellationReason]:
    """One reason for each write of a cancelled transaction, in the order of the writes; else empty."""
    reasons: Any = error.response.get("CancellationReasons", []) if isinstance(error, ClientError) else []
    return [CancellationReason(reason.get("Code", "None"), reason.get("Item")) for reason in reasons]


def is_not_found(error: BaseException) -> bool:
    """Whether what was asked for does not exist: a parameter, or a user of the pool."""
    return error_code(error) in {"ParameterNotFound", "UserNotFoundException"}


def is_busy_transaction(error: BaseException) -> bool:
    """Whether a transaction may succeed when it is sent again: it met another one, or the table was throttled."""
    codes = {reason.code for reason in cancellation_reasons(error)}
    if CONDITION_FAILED in codes:
        return False
    return not ({error_code(error), *codes}.isdisjoint(_BUSY_TRANSACTION | _THROTTLED))


def is_throttled(error: BaseException) -> bool:
    codes = {reason.code for reason in cancellation_reasons(error)}
    return not {error_code(error), *codes}.isdisjoint(_THROTTLED) if isinstance(error, ClientError) else False


def is_repeated_by_botocore(error: ClientError) -> bool:
    """Whether botocore's `standard` retry mode sends the request again: the service failed or throttled it."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status in _REPEATED_STATUSES or error_code(error) in _REPEATED_BY_BOTOCORE


def is_unavailable(error: BaseException) -> bool:
    """Whether a dependency is throttled, broken or out of reach, so that the next call would meet the same.

    Also when a handler raised its own error `from` such an error.
    """
    seen: BaseException | None = error
    while seen is not None:
        unreachable = isinstance(seen, (HTTPClientError, EndpointConnectionError))
        if unreachable or is_throttled(seen) or error_code(seen) in _UNAVAILABLE:
            return True
        seen = seen.__cause__
    return False
