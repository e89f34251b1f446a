"""Checks of claims that are common to all kinds of tokens.

Times are checked against our own clock, not by PyJWT, so that tests can set it.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

import jwt

from shared.clock import Clock
from shared.identity.errors import InvalidToken, Reason

TOKEN_MAX: Final = 8 * 1024  # characters
_CLAIM_MAX: Final = 128  # characters of a subject or a group
OPTIONS: Final[Any] = {
    "require": ["exp", "iat", "iss", "aud", "sub"],
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "strict_aud": True,
}
_REASONS: Final[tuple[tuple[type[jwt.PyJWTError], Reason], ...]] = (
    (jwt.InvalidSignatureError, "bad-signature"),
    (jwt.InvalidIssuerError, "wrong-issuer"),
    (jwt.InvalidAudienceError, "wrong-audience"),
    (jwt.MissingRequiredClaimError, "missing-claim"),
    (jwt.InvalidAlgorithmError, "wrong-algorithm"),
)


def unverified_header(token: str) -> Mapping[str, Any]:
    """The header of the token, before its signature is verified. Raises InvalidToken."""
    if len(token) > TOKEN_MAX:
        raise InvalidToken("too-long")
    try:
        header: Mapping[str, Any] = jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        raise InvalidToken("malformed") from error
    return header


def invalid_token(error: jwt.PyJWTError) -> InvalidToken:
    """Map an error of PyJWT to ours, with its reason."""
    return InvalidToken(next((reason for kind, reason in _REASONS if isinstance(error, kind)), "malformed"))


def check_times(claims: Mapping[str, Any], clock: Clock, leeway_s: float) -> None:
    """Raises InvalidToken unless now is between `nbf`/`iat` and `exp`, with `leeway_s` on both sides."""
    now = clock.now().timestamp()
    if now >= _timestamp(claims["exp"]) + leeway_s:
        raise InvalidToken("expired")
    if now < max(_timestamp(claims["iat"]), _timestamp(claims.get("nbf", 0))) - leeway_s:
        raise InvalidToken("not-yet-valid")


def _timestamp(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidToken("malformed")
    return value


def subject_of(claims: Mapping[str, Any]) -> str:
    """The claim `sub`. Raises InvalidToken when it is missing, too long or not printable."""
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= _CLAIM_MAX or not subject.isprintable():
        raise InvalidToken("missing-claim")
    return subject


def groups_of(claims: Mapping[str, Any], name: str) -> frozenset[str]:
    """The groups in the claim `name`, without those that are too long. Raises InvalidToken."""
    groups = claims.get(name, [])
    if not isinstance(groups, list):
        raise InvalidToken("malformed")
    return frozenset(group for group in groups if isinstance(group, str) and len(group) <= _CLAIM_MAX)
