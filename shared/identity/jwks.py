"""The user pool's public keys (JWKS), cached and refreshed; old keys stay in use while new ones cannot be fetched."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

import jwt
import structlog

from shared.clock import Clock, SystemClock
from shared.identity.errors import InvalidToken, KeysUnavailable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

MAX_AGE_S: Final = 3600.0  # older keys are refreshed in the background
UNKNOWN_KEY_PAUSE_S: Final = 30.0  # between fetches for keys that the pool does not have
RETRY_S: Final = 2.0  # after a failed fetch
_KEY_BITS_MIN: Final = 2048

Fetch = Callable[[], Awaitable[Mapping[str, Any]]]  # the JWKS document; raises KeysUnavailable
_log = structlog.get_logger("identity")


class Jwks:
    """The keys of one pool. All callers share one fetch at a time."""

    def __init__(self, fetch: Fetch, *, clock: Clock | None = None) -> None:
        self._fetch = fetch
        self._clock = clock or SystemClock()
        self._keys: dict[str, RSAPublicKey] = {}
        self._fetching: asyncio.Task[None] | None = None
        self._fetched_at: float | None = None  # monotonic seconds
        self._attempted_at: float | None = None
        self._failed = False

    async def key(self, kid: str) -> "RSAPublicKey":
        """The key with this id. Raises InvalidToken("unknown-key"), or KeysUnavailable after a failed fetch."""
        known = self._keys.get(kid)
        if known is not None:
            if self._age_s(self._fetched_at) > MAX_AGE_S:
                self._refresh()
            return known
        fetching = self._refresh()
        if fetching is not None:
            await asyncio.shield(fetching)
        if kid in self._keys:
            return self._keys[kid]
        if self._failed:
            raise KeysUnavailable
        raise InvalidToken("unknown-key")

    async def ready(self) -> None:
        """A readiness check: there are keys, of any age. Raises KeysUnavailable."""
        fetching = None if self._keys else self._refresh()
        if fetching is not None:
            await asyncio.shield(fetching)
        if not self._keys:
            raise KeysUnavailable

    async def close(self) -> None:
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])

    def _refresh(self) -> asyncio.Task[None] | None:
        """The running fetch, a new one, or None while it is too early for another."""
        if self._fetching is None or self._fetching.done():
            if self._age_s(self._attempted_at) < (RETRY_S if self._failed else UNKNOWN_KEY_PAUSE_S):
                return None
            self._fetching = asyncio.create_task(self._load())
        return self._fetching

    async def _load(self) -> None:
        try:
            keys = _signing_keys(await self._fetch())
        except KeysUnavailable as error:
            self._failed = True
            _log.warning("identity.keys_unavailable", kept=len(self._keys), cause=type(error.__cause__).__name__)
        else:
            self._failed = False
            self._keys = keys
            self._fetched_at = self._clock.monotonic()
        finally:
            self._attempted_at = self._clock.monotonic()

    def _age_s(self, moment: float | None) -> float:
        return float("inf") if moment is None else self._clock.monotonic() - moment


def _signing_keys(document: Mapping[str, Any]) -> "dict[str, RSAPublicKey]":
    """The RSA signing keys by id; other keys are ignored. Raises KeysUnavailable when there is none."""
    listed = document.get("keys")
    keys: dict[str, RSAPublicKey] = {}
    for each in listed if isinstance(listed, list) else []:
        if not isinstance(each, Mapping) or each.get("kty") != "RSA" or not isinstance(each.get("kid"), str):
            continue
        if each.get("use", "sig") != "sig" or each.get("alg", "RS256") != "RS256" or "d" in each:
            continue
        try:
            key = cast("RSAPublicKey", jwt.PyJWK(dict(each), algorithm="RS256").key)
        except jwt.PyJWTError:
            continue
        if key.key_size >= _KEY_BITS_MIN:
            keys[each["kid"]] = key
    if not keys:
        raise KeysUnavailable
    return keys
