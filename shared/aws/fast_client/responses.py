"""Answers of AWS's JSON services: what they hold, and which of botocore's errors they are."""

import json
import zlib
from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import ClientError, ConnectionClosedError

_OK: Final = 200


def read(operation: str, url: str, status: int, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """What the service answered. Raises ClientError, or ConnectionClosedError for an answer that was damaged."""
    crc = headers.get("x-amz-crc32")
    if crc is not None and int(crc) != zlib.crc32(body):
        raise ConnectionClosedError(endpoint_url=url)
    if status == _OK:
        answer: dict[str, Any] = json.loads(body) if body else {}
        return answer
    raise _refused(operation, status, headers, body)


def _refused(operation: str, status: int, headers: Mapping[str, str], body: bytes) -> ClientError:
    try:
        told = json.loads(body)
    except ValueError:  # a proxy's page
        told = {}
    if not isinstance(told, dict):
        told = {}
    kind = headers.get("x-amzn-query-error", "").partition(";")[0] or str(told.pop("__type", status))
    message = told.pop("message", None) or told.pop("Message", None) or ""
    response: dict[str, Any] = {
        **told,
        "Error": {"Code": kind.partition(":")[0].rpartition("#")[2], "Message": message},
        "ResponseMetadata": {
            "HTTPStatusCode": status,
            "RequestId": headers.get("x-amzn-RequestId", ""),
            "HTTPHeaders": {},
            "RetryAttempts": 0,
        },
    }
    return ClientError(response, operation)  # type: ignore[arg-type]
