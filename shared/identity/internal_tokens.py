"""Tokens with which one service calls another on behalf of a person; they are valid for a minute.

They are signed by HS256 with a secret that only services know. While it rotates, tokens with the previous secret are
still accepted. Algorithm, issuer, audience and type differ from a person's ID token, so neither is accepted as the
other.
"""

from typing import Any, Final

import jwt
from pydantic import SecretStr

from shared.clock import Clock, SystemClock, epoch_seconds
from shared.identity.claims import OPTIONS, check_times, groups_of, invalid_token, subject_of, unverified_header
from shared.identity.errors import InvalidToken
from shared.identity.principal import Principal

LIFE_S: Final = 60
_LEEWAY_S: Final = 5.0
_ALGORITHM: Final = "HS256"
_TYPE: Final = "colloquy-internal+jwt"
_ISSUER: Final = "colloquy."
_SECRET_MIN: Final = 32  # characters


class InternalTokens:
    """Signs tokens of `service`, and verifies tokens that other services have signed for it."""

    def __init__(
        self, service: str, secret: SecretStr, *, previous: SecretStr | None = None, clock: Clock | None = None
    ) -> None:
        self._service = service
        self._secrets = [each.get_secret_value() for each in (secret, previous) if each is not None]
        if any(len(each) < _SECRET_MIN for each in self._secrets):
            raise ValueError(f"a secret for internal tokens has at least {_SECRET_MIN} characters")
        self._clock = clock or SystemClock()

    def sign(self, audience: str, person: Principal) -> str:
        """A token for the service `audience` with the person's subject and groups, valid for 60 s."""
        now = epoch_seconds(self._clock.now())
        claims = {
            "iss": _ISSUER + self._service,
            "aud": audience,
            "sub": person.subject,
            "groups": sorted(person.groups),
            "iat": now,
            "exp": now + LIFE_S,
        }
        return jwt.encode(claims, self._secrets[0], algorithm=_ALGORITHM, headers={"typ": _TYPE})

    async def verify(self, token: str) -> Principal:
        """The person on whose behalf another service (`via`) calls. Raises InvalidToken."""
        header = unverified_header(token)
        if header.get("alg") != _ALGORITHM:
            raise InvalidToken("wrong-algorithm")
        if header.get("typ") != _TYPE:
            raise InvalidToken("wrong-kind")
        claims = self._decode(token)
        check_times(claims, self._clock, _LEEWAY_S)
        if claims["exp"] - claims["iat"] > LIFE_S:
            raise InvalidToken("expired")
        issuer = str(claims["iss"])
        if not issuer.startswith(_ISSUER):
            raise InvalidToken("wrong-issuer")
        return Principal(
            subject=subject_of(claims),
            kind="service",
            groups=groups_of(claims, "groups"),
            via=issuer.removeprefix(_ISSUER),
        )

    def _decode(self, token: str) -> dict[str, Any]:
        for secret in self._secrets:
            try:
                return jwt.decode(token, secret, algorithms=[_ALGORITHM], audience=self._service, options=OPTIONS)
            except jwt.InvalidSignatureError:
                continue
            except jwt.PyJWTError as error:
                raise invalid_token(error) from error
        raise InvalidToken("bad-signature")
