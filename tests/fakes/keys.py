"""A user pool with generated signing keys and tokens."""

import json
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from shared.clock import Clock

ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Example"
AUDIENCE = "client-of-the-spa"
SUBJECT = "0c8f5a1e-6f0e-4b07-9d4c-6f6f0a9e1b11"


_keys: dict[int, rsa.RSAPrivateKey] = {}  # slow to generate: one per number and test run


def _rsa_key(number: int, bits: int = 2048) -> rsa.RSAPrivateKey:
    if number not in _keys:
        _keys[number] = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return _keys[number]


class FakeUserPool:
    """Signs tokens as Cognito does. `rotate()` changes the key; `fetch` returns the JWKS, or raises `down`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.number = 1
        self.fetched = 0
        self.down: Exception | None = None

    @property
    def kid(self) -> str:
        return f"key-{self.number}"

    @property
    def private_key(self) -> rsa.RSAPrivateKey:
        return _rsa_key(self.number)

    def rotate(self) -> None:
        self.number += 1

    async def fetch(self) -> Mapping[str, Any]:
        self.fetched += 1
        if self.down is not None:
            raise self.down
        return self.jwks()

    def jwks(self) -> dict[str, Any]:
        return {"keys": [public_jwk(self.private_key, self.kid)]}

    def claims(self, **changes: Any) -> dict[str, Any]:
        """The claims of a valid ID token; a change to None omits the claim."""
        now = int(self._clock.now().timestamp())
        claims = {
            "sub": SUBJECT,
            "iss": ISSUER,
            "aud": AUDIENCE,
            "token_use": "id",
            "iat": now,
            "exp": now + 1800,
            "email": "user@example.com",
            "email_verified": True,
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, *, headers: Mapping[str, Any] | None = None, **changes: Any) -> str:
        headers = {"kid": self.kid, **(headers or {})}
        return jwt.encode(self.claims(**changes), self.private_key, algorithm="RS256", headers=headers)


def public_jwk(key: rsa.RSAPrivateKey, kid: str) -> dict[str, Any]:
    return {**json.loads(RSAAlgorithm.to_jwk(key.public_key())), "kid": kid, "alg": "RS256", "use": "sig"}


def stranger_key() -> rsa.RSAPrivateKey:
    """A key that is in no JWKS."""
    return _rsa_key(99)


def short_key() -> rsa.RSAPrivateKey:
    """1024 bits: too short to be trusted."""
    return _rsa_key(98, 1024)
