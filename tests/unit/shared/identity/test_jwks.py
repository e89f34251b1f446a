"""Keys: fetched once, rotated, and kept while their owner is away."""

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


async def test_many_requests_at_once_fetch_the_keys_once(jwks: Jwks, pool: FakeUserPool) -> None:
    keys = await asyncio.gather(*(jwks.key(pool.kid) for _ in range(50)))
    assert len({key.public_numbers() for key in keys}) == 1
    assert pool.fetched == 1


async def test_a_known_key_costs_no_fetch(jwks: Jwks, pool: FakeUserPool, clock: FakeClock) -> None:
    await jwks.key(pool.kid)
    clock.advance(MAX_AGE_S)
    await jwks.key(pool.kid)
    assert pool.fetched == 1


async def test_a_rotated_key_is_fetched_when_it_is_first_met(jwks: Jwks, pool: FakeUserPool, clock: FakeClock) -> None:
    await jwks.key(pool.kid)
    clock.advance(UNKNOWN_KEY_PAUSE_S)
    pool.rotate()
    await jwks.key(pool.kid)
    assert pool.fetched == 2


async def test_a_key_that_was_withdrawn_counts_no_longer_after_the_next_fetch(
    jwks: Jwks, pool: FakeUserPool, clock: FakeClock
) -> None:
    withdrawn = pool.kid
    await jwks.key(withdrawn)
    clock.advance(UNKNOWN_KEY_PAUSE_S)
    pool.rotate()
    await jwks.key(pool.kid)
    with pytest.raises(InvalidToken, match="unknown-key"):
        await jwks.key(withdrawn)


async def test_tokens_with_made_up_keys_cannot_make_us_ask_more_than_twice_a_minute(
    jwks: Jwks, pool: FakeUserPool, clock: FakeClock
) -> None:
    for number in range(60):
        with pytest.raises(InvalidToken, match="unknown-key"):
            await jwks.key(f"made-up-{number}")
        clock.advance(1)
    assert pool.fetched == 2


async def test_old_keys_are_refreshed_behind_the_callers_back(jwks: Jwks, pool: FakeUserPool, clock: FakeClock) -> None:
    await jwks.key(pool.kid)
    clock.advance(MAX_AGE_S + 1)
    await jwks.key(pool.kid)
    await settled(jwks)
    assert pool.fetched == 2


async def test_old_keys_serve_on_while_the_endpoint_is_down(jwks: Jwks, pool: FakeUserPool, clock: FakeClock) -> None:
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


async def test_without_any_keys_a_failure_says_so_and_is_not_repeated_at_once(
    jwks: Jwks, pool: FakeUserPool, clock: FakeClock
) -> None:
    pool.down = KeysUnavailable()
    for _ in range(5):
        with pytest.raises(KeysUnavailable):
            await jwks.key(pool.kid)
    assert pool.fetched == 1
    pool.down = None
    clock.advance(RETRY_S)
    assert await jwks.key(pool.kid)


async def test_an_unknown_key_while_the_endpoint_is_down_is_not_called_invalid(
    jwks: Jwks, pool: FakeUserPool, clock: FakeClock
) -> None:
    """Else a rotation during an outage would sign everybody out."""
    await jwks.key(pool.kid)
    clock.advance(UNKNOWN_KEY_PAUSE_S)
    pool.rotate()
    pool.down = KeysUnavailable()
    with pytest.raises(KeysUnavailable):
        await jwks.key(pool.kid)


async def test_a_caller_who_leaves_does_not_take_the_fetch_along(pool: FakeUserPool, clock: FakeClock) -> None:
    gate = asyncio.Event()

    async def slow() -> Mapping[str, Any]:
        await gate.wait()
        return await pool.fetch()

    jwks = Jwks(slow, clock=clock)
    impatient = asyncio.create_task(jwks.key(pool.kid))
    patient = asyncio.create_task(jwks.key(pool.kid))
    await asyncio.sleep(0)
    impatient.cancel()
    gate.set()
    assert await patient
    assert pool.fetched == 1


async def test_readiness_is_having_keys_however_old(jwks: Jwks, pool: FakeUserPool, clock: FakeClock) -> None:
    pool.down = KeysUnavailable()
    with pytest.raises(KeysUnavailable):
        await jwks.ready()
    pool.down = None
    clock.advance(RETRY_S)
    await jwks.ready()
    pool.down = KeysUnavailable()
    clock.advance(MAX_AGE_S * 2)
    await jwks.ready()


async def test_closing_ends_a_fetch_under_way(clock: FakeClock) -> None:
    async def never() -> Mapping[str, Any]:
        await asyncio.Event().wait()
        return {}

    jwks = Jwks(never, clock=clock)
    waiting = asyncio.create_task(jwks.key("any"))
    await asyncio.sleep(0)
    await jwks.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting


USELESS_KEYS: dict[str, Any] = {
    "text": "text",
    "secret": {"kty": "oct", "kid": "key-1", "k": "c2VjcmV0"},
    "no number": {"kty": "RSA", "kid": "key-1", "n": "!", "e": "AQAB"},
    "no name": {**public_jwk(stranger_key(), "key-1"), "kid": 7},
    "to encrypt with": {**public_jwk(stranger_key(), "key-1"), "use": "enc"},
    "another algorithm": {**public_jwk(stranger_key(), "key-1"), "alg": "RS512"},
    "private": {**public_jwk(stranger_key(), "key-1"), "d": "AQAB"},
    "too short": public_jwk(short_key(), "key-1"),
}


# Named, for the keys are other keys in every worker.
@pytest.mark.parametrize(
    "useless",
    [
        pytest.param({}, id="empty"),
        pytest.param({"keys": None}, id="no list"),
        pytest.param({"keys": []}, id="no key"),
        *(pytest.param({"keys": [key]}, id=name) for name, key in USELESS_KEYS.items()),
    ],
)
async def test_a_document_without_a_usable_key_replaces_nothing(
    jwks: Jwks, pool: FakeUserPool, clock: FakeClock, useless: dict[str, Any]
) -> None:
    before = await jwks.key(pool.kid)
    pool.jwks = lambda: useless
    clock.advance(MAX_AGE_S + 1)
    assert await jwks.key(pool.kid)
    await settled(jwks)
    assert (await jwks.key(pool.kid)).public_numbers() == before.public_numbers()


async def test_keys_that_cannot_be_used_hide_none_that_can(jwks: Jwks, pool: FakeUserPool) -> None:
    good = public_jwk(stranger_key(), "key-2")
    plain = {name: value for name, value in public_jwk(stranger_key(), "key-3").items() if name not in {"use", "alg"}}
    pool.jwks = lambda: {"keys": [*USELESS_KEYS.values(), good, plain]}
    assert await jwks.key("key-2")
    assert await jwks.key("key-3")
    with pytest.raises(InvalidToken, match="unknown-key"):
        await jwks.key("key-1")
