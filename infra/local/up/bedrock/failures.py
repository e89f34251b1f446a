"""Says in words why Bedrock's control plane did not answer, and what to do. Messages of AWS are not repeated."""

from typing import Final

from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    HTTPClientError,
    InvalidConfigError,
    LoginError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as EndpointConnectionError

from infra.local.up.bedrock.model_access import GET_AVAILABILITY, LIST_MODELS, LIST_PROFILES
from shared.aws.errors import error_code

_OF_BEDROCK: Final = (LIST_MODELS, LIST_PROFILES, GET_AVAILABILITY)
_DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException"})
_EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_NOT_VALID: Final = frozenset(
    {
        "IncompleteSignature", "IncompleteSignatureException", "InvalidClientTokenId", "InvalidSignatureException",
        "MissingAuthenticationTokenException", "SignatureDoesNotMatch", "UnrecognizedClientException",
    }
)  # fmt: skip
_REASONS: Final[tuple[tuple[tuple[type[Exception], ...], str], ...]] = (
    ((SSOError, TokenRetrievalError, LoginError), "sign in first, as with `aws sso login --profile {profile}`"),
    (
        (
            NoCredentialsError,
            PartialCredentialsError,
            CredentialRetrievalError,
            InvalidConfigError,
            ProfileNotFound,
        ),
        "profile {profile} gives no credentials ({error})",
    ),
    ((EOFError,), "profile {profile} asks for an MFA code; give temporary access keys instead"),
    ((TimeoutError, ConnectTimeoutError, ReadTimeoutError), "Bedrock did not answer in time"),
    ((EndpointConnectionError, HTTPClientError), "Bedrock cannot be reached from this machine"),
)


def reason(error: BaseException, profile: str | None) -> str:
    """`profile`: whose credentials were used; None for an API key."""
    if isinstance(error, ClientError):
        return _of_code(error_code(error), str(error.operation_name), profile)
    for types, text in _REASONS:
        if isinstance(error, types):
            return text.format(profile=profile, error=error_code(error))
    return error_code(error)


def _of_code(code: str, operation: str, profile: str | None) -> str:
    if code in _DENIED:
        action = f"bedrock:{operation}" if operation in _OF_BEDROCK else operation
        key = "" if profile else ", or the API key is not valid"
        return f"the credentials do not allow {action}{key}"
    if code in _EXPIRED:
        return "the credentials have expired"
    if code in _NOT_VALID:
        return "AWS does not know the credentials"
    return f"{operation} failed ({code})"
