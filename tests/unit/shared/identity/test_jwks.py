"""Jwks: keys are fetched once, refreshed, and kept while the endpoint is down."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from shared.identity import InvalidToken, KeysUnavailable
from shared.identity.jwks import MAX_AGE_S, RETRY_S, UNKNOWN_KEY_PAUSE_S, Jwks
from tests.fakes.clock import FakeClock
from tests.fakes.keys import FakeUserPool, public_jwk, short_key, stranger_key


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def pool(clock: FakeClock) -> FakeUserPool:
    return FakeUserPool(clock)


@pytest.fixture
def jwks(pool: FakeUserPool, clock: FakeClock) -> Jwks:
    return Jwks(pool.fetch, clock=clock)


async def settled(jwks: Jwks) -> None:
    assert jwks._fetching is not None
    await jwks._fetching


async def test_concurrent_requests_fetch_the_keys_once(jwks: Jwks, pool: FakeUserPool) -> None:
    keys = await asyncio.gather(*(jwks.key(pool.kid) for _ in range(50)))
    assert len({key.public_numbers() for key in keys}) == 1
    assert pool.fetched == 1


async def test_a_known_key_needs_no_fetch(jwks: Jwks, pool: FakeUserPool, clock: FakeClock) -> None:
    await jwks.key(pool.kid)
    clock.advance(MAX_AGE_S)
    await jwks.key(pool.kid)
    assert pool.fetched == 1


async def test_an_unknown_key_id_causes_a_fetch(jwks: Jwks, pool: FakeUserPool, clock: FakeClock) -> None:
    await jwks.key(pool.kid)
    clock.advance(UNKNOWN_KEY_PAUSE_S)
    pool.rotate()
    await jwks.key(pool.kid)
    assert pool.fetched == 2


async def test_a_withdrawn_key_is_unknown_after_the_next_fetch(
    jwks: Jwks, pool: FakeUserPool, clock: FakeClock
) -> None:
    withdrawn = pool.kid
    await jwks.key(withdrawn)
    clock.advance(UNKNOWN_KEY_PAUSE_S)
    pool.rotate()
    await jwks.key(pool.kid)
    with pytest.raises(InvalidToken, match="unknown-key"):
        await jwks.key(withdrawn)


async def test_invented_key_ids_cause_at_most_two_fetches_a_minute(
    jwks: Jwks, pool: FakeUserPool, clock: FakeClock
) -> None:
    for number in range(60):
        with pytest.raises(InvalidToken, match="unknown-key"):
            await jwks.key(f"invented-{number}")
        clock.advance(1)
    assert pool.fetched == 2


async def test_old_keys_are_refreshed_in_the_background(jwks: Jwks, pool: FakeUserPool, clock: FakeClock) -> None:
    await jwks.key(pool.kid)
    clock.advance(MAX_AGE_S + 1)
    await jwks.key(pool.kid)
    await settled(jwks)
    assert pool.fetched == 2


async def test_old_keys_are_used_while_the_endpoint_is_down(jwks: Jwks, pool: FakeUserPool, clock: FakeClock) -> None:
    await jwks.key(pool.kid)
    pool.down = KeysUnavailable()
    for _ in range(10):
        clock.advance(MAX_AGE_S + 1)
        assert await jwks.key(pool.kid)
        await settled(jwks)
    pool.down = None
    clock.advance(RETRY_S)
    await jwks.key(pool.kid)
    await settled(jwks)
    assert not jwks._failed


async def test_a_failed_first_fetch_is_not_repeated_at_once(jwks: Jwks, pool: FakeUserPool, clock: FakeClock) -> None:
    pool.down = KeysUnavailable()
    for _ in range(5):
        with pytest.raises(KeysUnavailable):
            await jwks.key(pool.kid)
    assert pool.fetched == 1
    pool.down = None
    clock.advance(RETRY_S)
    assert await jwks.key(pool.kid)


async def test_an_unknown_key_while_the_endpoint_is_down_is_not_an_invalid_token(
    jwks: Jwks, pool: FakeUserPool, clock: FakeClock
) -> None:
    """Otherwise a rotation during an outage would sign out all users."""
    await jwks.key(pool.kid)
    clock.advance(UNKNOWN_KEY_PAUSE_S)
    pool.rotate()
    pool.down = KeysUnavailable()
    with pytest.raises(KeysUnavailable):
        await jwks.key(pool.kid)


async def test_a_cancelled_caller_does_not_cancel_the_fetch(pool: FakeUserPool, clock: FakeClock) -> None:
    gate = asyncio.Event()

    async def slow() -> Mapping[str, Any]:
        await gate.wait()
        return await pool.fetch()

    jwks = Jwks(slow, clock=clock)
    cancelled = asyncio.create_task(jwks.key(pool.kid))
    waiting = asyncio.create_task(jwks.key(pool.kid))
    await asyncio.sleep(0)
    cancelled.cancel()
    gate.set()
    assert await waiting
    assert pool.fetched == 1


async def test_ready_with_keys_of_any_age(jwks: Jwks, pool: FakeUserPool, clock: FakeClock) -> None:
    pool.down = KeysUnavailable()
    with pytest.raises(KeysUnavailable):
        await jwks.ready()
    pool.down = None
    clock.advance(RETRY_S)
    await jwks.ready()
    pool.down = KeysUnavailable()
    clock.advance(MAX_AGE_S * 2)
    await jwks.ready()


async def test_closing_cancels_a_running_fetch(clock: FakeClock) -> None:
    async def never() -> Mapping[str, Any]:
        await asyncio.Event().wait()
        return {}

    jwks = Jwks(never, clock=clock)
    waiting = asyncio.create_task(jwks.key("any"))
    await asyncio.sleep(0)
    await jwks.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting


UNUSABLE_KEYS: dict[str, Any] = {
    "text": "text",
    "secret": {"kty": "oct", "kid": "key-1", "k": "c2VjcmV0"},
    "invalid modulus": {"kty": "RSA", "kid": "key-1", "n": "!", "e": "AQAB"},
    "invalid key id": {**public_jwk(stranger_key(), "key-1"), "kid": 7},
    "for encryption": {**public_jwk(stranger_key(), "key-1"), "use": "enc"},
    "another algorithm": {**public_jwk(stranger_key(), "key-1"), "alg": "RS512"},
    "private": {**public_jwk(stranger_key(), "key-1"), "d": "AQAB"},
    "too short": public_jwk(short_key(), "key-1"),
}


# The ids are explicit because each pytest worker generates other keys.
@pytest.mark.parametrize(
    "unusable",
    [
        pytest.param({}, id="empty"),
        pytest.param({"keys": None}, id="no list"),
        pytest.param({"keys": []}, id="no key"),
        *(pytest.param({"keys": [key]}, id=name) for name, key in UNUSABLE_KEYS.items()),
    ],
)
async def test_a_document_without_a_usable_key_replaces_nothing(
    jwks: Jwks, pool: FakeUserPool, clock: FakeClock, unusable: dict[str, Any]
) -> None:
    before = await jwks.key(pool.kid)
    pool.jwks = lambda: unusable
    clock.advance(MAX_AGE_S + 1)
    assert await jwks.key(pool.kid)
    await settled(jwks)
    assert (await jwks.key(pool.kid)).public_numbers() == before.public_numbers()


async def test_unusable_keys_do_not_hide_usable_ones(jwks: Jwks, pool: FakeUserPool) -> None:
    good = public_jwk(stranger_key(), "key-2")
    plain = {name: value for name, value in public_jwk(stranger_key(), "key-3").items() if name not in {"use", "alg"}}
    pool.jwks = lambda: {"keys": [*UNUSABLE_KEYS.values(), good, plain]}
    assert await jwks.key("key-2")
    assert await jwks.key("key-3")
    with pytest.raises(InvalidToken, match="unknown-key"):
        await jwks.key("key-1")
