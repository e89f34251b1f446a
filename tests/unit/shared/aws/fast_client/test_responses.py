"""Responses of AWS are parsed as botocore would parse them."""

import json
import zlib
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from shared.aws.errors import is_repeated_by_botocore
from shared.aws.fast_client.responses import parse_response

URL = "http://aws/"


def parse_error(status: int, body: Any, **headers: str) -> ClientError:
    document = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(ClientError) as raised:
        parse_response("PutItem", URL, status, headers, document)
    return raised.value


def test_a_response_is_parsed_as_json() -> None:
    assert parse_response("GetItem", URL, 200, {}, b'{"Item": {"pk": {"S": "a"}}}') == {"Item": {"pk": {"S": "a"}}}
    assert parse_response("PutItem", URL, 200, {}, b"") == {}


def test_a_response_with_a_wrong_checksum_is_a_closed_connection() -> None:
    body = b'{"Item": {}}'
    assert parse_response("GetItem", URL, 200, {"x-amz-crc32": str(zlib.crc32(body))}, body) == {"Item": {}}
    with pytest.raises(ConnectionClosedError):
        parse_response("GetItem", URL, 200, {"x-amz-crc32": str(zlib.crc32(body))}, body[:-2] + b"]}")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "ConditionalCheckFailedException"),
        ("ThrottlingException", "ThrottlingException"),
        ("QueueDoesNotExist:http://internal/", "QueueDoesNotExist"),
    ],
)
def test_the_error_code_is_taken_from_the_type(kind: str, code: str) -> None:
    error = parse_error(400, {"__type": kind, "message": "no"})
    assert error.response["Error"] == {"Code": code, "Message": "no"}
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert error.operation_name == "PutItem"


def test_a_query_error_has_its_old_code_as_in_botocore() -> None:
    headers = {"x-amzn-query-error": "AWS.SimpleQueueService.NonExistentQueue;Sender"}
    error = parse_error(400, {"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no"}, **headers)
    assert error.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"


def test_a_cancelled_transaction_has_its_reasons() -> None:
    document = {"__type": "x#TransactionCanceledException", "Message": "no", "CancellationReasons": [{"Code": "None"}]}
    error = parse_error(400, document)
    assert error.response["CancellationReasons"] == [{"Code": "None"}]
    assert error.response["Error"]["Message"] == "no"


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"[]", b'"text"', b""])
def test_an_error_that_is_not_json_has_its_status_as_code(body: bytes) -> None:
    assert parse_error(502, body).response["Error"] == {"Code": "502", "Message": ""}


@pytest.mark.parametrize(
    ("status", "code", "repeated"),
    [
        (500, "InternalServerError", True),
        (502, "502", True),
        (503, "ServiceUnavailable", True),
        (504, "504", True),
        (501, "NotImplemented", False),
        (400, "ThrottlingException", True),
        (400, "ProvisionedThroughputExceededException", True),
        (400, "TransactionInProgressException", True),
        (400, "ConditionalCheckFailedException", False),
        (400, "ValidationException", False),
        (403, "AccessDeniedException", False),
    ],
)
def test_errors_that_botocore_repeats(status: int, code: str, repeated: bool) -> None:
    assert is_repeated_by_botocore(parse_error(status, {"__type": code})) == repeated
