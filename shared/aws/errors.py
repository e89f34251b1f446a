"""Error codes of AWS services. No other module reads them, except the Bedrock adapter.

The messages of errors are never logged or returned: they may quote what was sent.
"""

from typing import Any, Final, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as EndpointConnectionError

from shared.aws.items import Item

AWS_ERRORS: Final = (ClientError, BotoCoreError)
"""What a call of an AWS client raises when the service refuses it or cannot be reached."""

CONDITION_FAILED: Final = "ConditionalCheckFailed"
"""Code of a cancellation reason: the condition of this write did not hold."""
TRANSACTION_CONFLICT: Final = "TransactionConflictException"
"""Error code: a single write met a transaction on the same item; the write may be sent again."""

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
    """AWS's code of the error; the name of its class for an error that has none."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "ClientError"))
    return type(error).__name__


def is_condition_failed(error: BaseException) -> bool:
    """Whether the condition of a single write (PutItem, UpdateItem, DeleteItem) did not hold."""
    return error_code(error) == "ConditionalCheckFailedException"


def existing_item(error: BaseException) -> Item | None:
    """The item that made the condition of a single write fail, when the write asked for it by `ALL_OLD`."""
    item: Any = error.response.get("Item") if isinstance(error, ClientError) else None
    return item if isinstance(item, dict) else None


def cancellation_reasons(error: BaseException) -> list[CancellationReason]:
    """One reason for each write of a cancelled transaction, in the order of the writes; else empty."""
    reasons: Any = error.response.get("CancellationReasons", []) if isinstance(error, ClientError) else []
    return [CancellationReason(reason.get("Code", "None"), reason.get("Item")) for reason in reasons]


def is_not_found(error: BaseException) -> bool:
    """Whether the parameter, or the user of the pool, does not exist."""
    return error_code(error) in {"ParameterNotFound", "UserNotFoundException"}


def is_busy_transaction(error: BaseException) -> bool:
    """Whether a transaction may succeed when it is sent again: it met another one, or was throttled."""
    codes = {reason.code for reason in cancellation_reasons(error)}
    if CONDITION_FAILED in codes:
        return False
    return not ({error_code(error), *codes}.isdisjoint(_BUSY_TRANSACTION | _THROTTLED))


def is_throttled(error: BaseException) -> bool:
    """Whether the service throttled the call, or one write of a transaction."""
    codes = {reason.code for reason in cancellation_reasons(error)}
    return not {error_code(error), *codes}.isdisjoint(_THROTTLED) if isinstance(error, ClientError) else False


def is_repeated_by_botocore(error: ClientError) -> bool:
    """Whether botocore's `standard` retry mode sends the request again: the service failed or throttled it."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status in _REPEATED_STATUSES or error_code(error) in _REPEATED_BY_BOTOCORE


def is_unavailable(error: BaseException) -> bool:
    """Whether a dependency is throttled, broken or unreachable, so that the next call would fail as well.

    Also true of an error that was raised `from` such an error.
    """
    cause: BaseException | None = error
    while cause is not None:
        is_unreachable = isinstance(cause, (HTTPClientError, EndpointConnectionError))
        if is_unreachable or is_throttled(cause) or error_code(cause) in _UNAVAILABLE:
            return True
        cause = cause.__cause__
    return False
