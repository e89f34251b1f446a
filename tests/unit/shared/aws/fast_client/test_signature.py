"""Our signature is botocore's own, to the letter."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as st

from shared.aws.fast_client.signature import Signer

NOW = datetime(2026, 11, 24, 8, 30, 15, tzinfo=UTC)
HOST = "dynamodb.eu-west-1.amazonaws.com"
HEADERS = {"content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.PutItem"}
KEYS = ReadOnlyCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None)


class BotocoresOwn(SigV4Auth):
    """With the day and moment of the test."""

    def __init__(self, credentials: ReadOnlyCredentials, now: datetime) -> None:
        super().__init__(credentials, "dynamodb", "eu-west-1")
        self._now = now

    def authorization(self, headers: dict[str, str], body: bytes) -> str:
        request = AWSRequest("POST", f"https://{HOST}/", headers=headers, data=body)
        request.context["timestamp"] = self._now.strftime("%Y%m%dT%H%M%SZ")
        request.headers["X-Amz-Date"] = request.context["timestamp"]
        if self.credentials.token:
            request.headers["X-Amz-Security-Token"] = self.credentials.token
        to_sign = self.string_to_sign(request, self.canonical_request(request))
        self._inject_signature_to_request(request, self.signature(to_sign, request))
        return str(request.headers["Authorization"])


def signer() -> Signer:
    return Signer("dynamodb", "eu-west-1", HOST)


@given(
    body=st.binary(max_size=300),
    token=st.none() | st.text("abcXYZ019+/=", min_size=1, max_size=40),
    after=st.timedeltas(timedelta(0), timedelta(days=4000)),
)
def test_a_signature_is_the_one_that_botocore_makes(body: bytes, token: str | None, after: timedelta) -> None:
    keys, now = KEYS._replace(token=token), NOW + after
    signed = signer().sign(HEADERS, body, keys, now)
    assert signed["authorization"] == BotocoresOwn(keys, now).authorization({**HEADERS, "host": HOST}, body)


def test_what_is_signed_is_what_is_sent() -> None:
    signed = signer().sign(HEADERS, b"{}", KEYS._replace(token="session"), NOW)
    names = signed["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert set(names) == set(signed) - {"authorization"}
    assert signed["x-amz-security-token"] == "session"


def test_without_a_session_token_none_is_sent() -> None:
    assert "x-amz-security-token" not in signer().sign(HEADERS, b"{}", KEYS, NOW)


@pytest.mark.parametrize(
    ("keys", "now"),
    [(KEYS._replace(secret_key="rotated"), NOW), (KEYS, NOW + timedelta(days=1))],
    ids=["rotated keys", "the next day"],
)
def test_the_key_of_a_day_is_not_used_for_another_day_or_secret(keys: ReadOnlyCredentials, now: datetime) -> None:
    used = signer()
    used.sign(HEADERS, b"{}", KEYS, NOW)
    assert used.sign(HEADERS, b"{}", keys, now) == signer().sign(HEADERS, b"{}", keys, now)


def test_the_headers_that_were_given_are_left_as_they_are() -> None:
    given_headers = dict(HEADERS)
    signer().sign(given_headers, b"{}", KEYS, NOW)
    assert given_headers == HEADERS
