"""Verifies ID tokens of the user pool.

How Cognito wants them verified: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
"""

from typing import TYPE_CHECKING, Final, Protocol

import jwt

from shared.clock import Clock, SystemClock
from shared.identity.claims import OPTIONS, check_times, groups_of, invalid_token, subject_of, unverified_header
from shared.identity.errors import InvalidToken
from shared.identity.principal import Principal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

LEEWAY_S: Final = 10.0  # the most by which two machines' clocks differ
_ALGORITHM: Final = "RS256"


class Keys(Protocol):
    async def key(self, kid: str) -> "RSAPublicKey":
        """Raises InvalidToken("unknown-key"), or KeysUnavailable."""
        ...


class TokenVerifier:
    """Accepts ID tokens of this user pool that are for our client, valid now, and signed by its keys (RS256)."""

    def __init__(self, issuer: str, audience: str, keys: Keys, *, clock: Clock | None = None) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys
        self._clock = clock or SystemClock()

    async def verify(self, token: str) -> Principal:
        """The person. Raises InvalidToken, or KeysUnavailable when the key could not be fetched."""
        header = unverified_header(token)
        if header.get("alg") != _ALGORITHM:
            raise InvalidToken("wrong-algorithm")
        kid = header.get("kid")
        if not isinstance(kid, str):
            raise InvalidToken("unknown-key")
        key = await self._keys.key(kid)
        try:
            claims = jwt.decode(
                token, key, algorithms=[_ALGORITHM], audience=self._audience, issuer=self._issuer, options=OPTIONS
            )
        except jwt.PyJWTError as error:
            raise invalid_token(error) from error
        if claims.get("token_use") != "id":
            raise InvalidToken("wrong-kind")
        check_times(claims, self._clock, LEEWAY_S)
        verified = claims.get("email_verified")
        email = claims.get("email") if verified is True or verified == "true" else None
        return Principal(
            subject=subject_of(claims),
            kind="user",
            groups=groups_of(claims, "cognito:groups"),
            email=email if isinstance(email, str) else None,
        )
