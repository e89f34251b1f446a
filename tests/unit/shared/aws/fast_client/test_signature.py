"""Signer makes the same signature as botocore."""

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


class BotocoreSigner(SigV4Auth):
    """Botocore's SigV4Auth at a given time."""

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
def test_the_signature_equals_that_of_botocore(body: bytes, token: str | None, after: timedelta) -> None:
    keys, now = KEYS._replace(token=token), NOW + after
    signed = signer().sign(HEADERS, body, keys, now)
    assert signed["authorization"] == BotocoreSigner(keys, now).authorization({**HEADERS, "host": HOST}, body)


def test_the_signed_headers_are_those_that_are_sent() -> None:
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
def test_a_cached_signing_key_is_not_used_for_another_day_or_secret(keys: ReadOnlyCredentials, now: datetime) -> None:
    used = signer()
    used.sign(HEADERS, b"{}", KEYS, NOW)
    assert used.sign(HEADERS, b"{}", keys, now) == signer().sign(HEADERS, b"{}", keys, now)


def test_signing_does_not_change_the_given_headers() -> None:
    given_headers = dict(HEADERS)
    signer().sign(given_headers, b"{}", KEYS, NOW)
    assert given_headers == HEADERS
