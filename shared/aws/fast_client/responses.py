"""Responses of AWS's JSON services, parsed to results or to botocore's errors."""

import json
import zlib
from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import ClientError, ConnectionClosedError

_OK: Final = 200


def parse_response(operation: str, url: str, status: int, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The result. Raises ClientError, or ConnectionClosedError for a body that does not match its checksum."""
    crc = headers.get("x-amz-crc32")
    if crc is not None and int(crc) != zlib.crc32(body):
        raise ConnectionClosedError(endpoint_url=url)
    if status == _OK:
        result: dict[str, Any] = json.loads(body) if body else {}
        return result
    raise _client_error(operation, status, headers, body)


def _client_error(operation: str, status: int, headers: Mapping[str, str], body: bytes) -> ClientError:
    try:
        document = json.loads(body)
    except ValueError:  # the page of a proxy
        document = {}
    if not isinstance(document, dict):
        document = {}
    kind = headers.get("x-amzn-query-error", "").partition(";")[0] or str(document.pop("__type", status))
    message = document.pop("message", None) or document.pop("Message", None) or ""
    response: dict[str, Any] = {
        **document,
        "Error": {"Code": kind.partition(":")[0].rpartition("#")[2], "Message": message},
        "ResponseMetadata": {
            "HTTPStatusCode": status,
            "RequestId": headers.get("x-amzn-RequestId", ""),
            "HTTPHeaders": {},
            "RetryAttempts": 0,
        },
    }
    return ClientError(response, operation)  # type: ignore[arg-type]
