"""A failure of Bedrock's control plane in words: what is wrong and what to do, without AWS's own message."""

import pytest
from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    SSOTokenLoadError,
    UnauthorizedSSOTokenError,
)

from infra.local.up.bedrock.failures import reason


def refusal(code: str, operation: str = "ListFoundationModels") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "a quoted secret"}}, operation)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (refusal("AccessDeniedException"), "the credentials do not allow bedrock:ListFoundationModels"),
        (refusal("AccessDenied", "AssumeRole"), "the credentials do not allow AssumeRole"),
        (refusal("ExpiredTokenException"), "the credentials have expired"),
        (refusal("UnrecognizedClientException"), "AWS does not know the credentials"),
        (refusal("ThrottlingException"), "ListFoundationModels failed (ThrottlingException)"),
        (UnauthorizedSSOTokenError(), "sign in first, as with `aws sso login --profile mine`"),
        (SSOTokenLoadError(error_msg="x"), "sign in first, as with `aws sso login --profile mine`"),
        (NoCredentialsError(), "profile mine gives no credentials (NoCredentialsError)"),
        (
            CredentialRetrievalError(provider="custom-process", error_msg="a quoted secret"),
            "profile mine gives no credentials (CredentialRetrievalError)",
        ),
        (EOFError(), "profile mine asks for an MFA code; give temporary access keys instead"),
        (TimeoutError(), "Bedrock did not answer in time"),
        (EndpointConnectionError(endpoint_url="x"), "Bedrock cannot be reached from this machine"),
        (RuntimeError("a quoted secret"), "RuntimeError"),
    ],
)
def test_each_failure_has_its_words(error: BaseException, expected: str) -> None:
    assert reason(error, "mine") == expected


def test_a_denied_api_key_may_also_be_wrong() -> None:
    """Bedrock has the same code for both."""
    assert reason(refusal("AccessDeniedException"), None).endswith(", or the API key is not valid")
