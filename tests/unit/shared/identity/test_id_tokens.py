"""TokenVerifier accepts valid ID tokens of the pool and client, and nothing else."""

import base64
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from shared.identity import InvalidToken, KeysUnavailable, Principal
from shared.identity.jwks import Jwks
from shared.identity.tokens import TokenVerifier
from tests.fakes.clock import FakeClock
from tests.fakes.keys import AUDIENCE, ISSUER, SUBJECT, FakeUserPool, stranger_key


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def pool(clock: FakeClock) -> FakeUserPool:
    return FakeUserPool(clock)


@pytest.fixture
def verifier(pool: FakeUserPool, clock: FakeClock) -> TokenVerifier:
    return TokenVerifier(ISSUER, AUDIENCE, Jwks(pool.fetch, clock=clock), clock=clock)


async def refusal(verifier: TokenVerifier, token: str) -> str:
    with pytest.raises(InvalidToken) as refused:
        await verifier.verify(token)
    return refused.value.reason


async def test_a_valid_token_gives_subject_groups_and_verified_email(
    verifier: TokenVerifier, pool: FakeUserPool
) -> None:
    token = pool.token(**{"cognito:groups": ["Admin", "PublishAllowed"]})
    assert await verifier.verify(token) == Principal(
        SUBJECT, "user", frozenset({"Admin", "PublishAllowed"}), "user@example.com"
    )


async def test_a_token_without_groups_gives_no_groups(verifier: TokenVerifier, pool: FakeUserPool) -> None:
    assert (await verifier.verify(pool.token())).groups == frozenset()


@pytest.mark.parametrize("verified", [False, "false", None, ["true"], 1])
async def test_an_unverified_email_is_left_out(verifier: TokenVerifier, pool: FakeUserPool, verified: object) -> None:
    assert (await verifier.verify(pool.token(email_verified=verified))).email is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Other"}, "wrong-issuer"),
        ({"aud": "another-client"}, "wrong-audience"),
        ({"aud": [AUDIENCE, "another-client"]}, "wrong-audience"),
        ({"token_use": "access", "client_id": AUDIENCE}, "wrong-kind"),
        ({"token_use": "access", "client_id": AUDIENCE, "aud": None}, "missing-claim"),
        ({"token_use": None}, "wrong-kind"),
        ({"sub": None}, "missing-claim"),
        ({"sub": ""}, "missing-claim"),
        ({"sub": "x" * 129}, "missing-claim"),
        ({"sub": "a\nb"}, "missing-claim"),
        ({"sub": 7}, "malformed"),
        ({"exp": None}, "missing-claim"),
        ({"iat": None}, "missing-claim"),
        ({"exp": True}, "malformed"),
        ({"exp": "tomorrow"}, "malformed"),
        ({"exp": float("inf")}, "malformed"),
        ({"nbf": "now"}, "malformed"),
        ({"cognito:groups": "Admin"}, "malformed"),
    ],
)
async def test_a_signed_token_with_wrong_claims_is_refused(
    verifier: TokenVerifier, pool: FakeUserPool, changes: dict[str, Any], reason: str
) -> None:
    assert await refusal(verifier, pool.token(**changes)) == reason


@pytest.mark.parametrize(("late_s", "refused"), [(0, False), (9, False), (10, True), (3600, True)])
async def test_a_token_expires_with_ten_seconds_of_leeway(
    verifier: TokenVerifier, pool: FakeUserPool, clock: FakeClock, late_s: int, refused: bool
) -> None:
    token = pool.token()
    clock.advance(1800 + late_s)
    if refused:
        assert await refusal(verifier, token) == "expired"
    else:
        assert (await verifier.verify(token)).subject == SUBJECT


@pytest.mark.parametrize("claim", ["iat", "nbf"])
async def test_a_token_of_the_future_is_refused_beyond_the_leeway(
    verifier: TokenVerifier, pool: FakeUserPool, clock: FakeClock, claim: str
) -> None:
    moment = int((clock.now() + timedelta(seconds=30)).timestamp())
    token = pool.token(**{claim: moment})
    assert await refusal(verifier, token) == "not-yet-valid"
    clock.advance(25)
    assert (await verifier.verify(token)).subject == SUBJECT


async def test_a_token_signed_with_another_key_under_a_known_key_id_is_refused(
    verifier: TokenVerifier, pool: FakeUserPool
) -> None:
    forged = jwt.encode(pool.claims(), stranger_key(), algorithm="RS256", headers={"kid": pool.kid})
    assert await refusal(verifier, forged) == "bad-signature"


async def test_a_token_with_an_unknown_key_id_is_refused(verifier: TokenVerifier, pool: FakeUserPool) -> None:
    assert await refusal(verifier, pool.token(headers={"kid": "elsewhere"})) == "unknown-key"


@pytest.mark.parametrize("alg", ["none", "None", "nOnE"])
async def test_an_unsigned_token_is_refused(verifier: TokenVerifier, pool: FakeUserPool, alg: str) -> None:
    parts = ({"alg": alg, "kid": pool.kid, "typ": "JWT"}, pool.claims())
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    assert await refusal(verifier, ".".join([*encoded, ""])) == "wrong-algorithm"


async def test_a_token_signed_with_the_public_key_as_hmac_secret_is_refused(
    verifier: TokenVerifier, pool: FakeUserPool
) -> None:
    """The algorithm confusion attack: HS256 with the published key as its secret."""
    pem = pool.private_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    header = {"alg": "HS256", "kid": pool.kid, "typ": "JWT"}
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, pool.claims())
    ]
    signing_input = ".".join(parts).encode()
    mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signature = base64.urlsafe_b64encode(mac.sign(signing_input, pem)).rstrip(b"=").decode()
    assert await refusal(verifier, ".".join([*parts, signature])) == "wrong-algorithm"


@pytest.mark.parametrize("alg", ["RS512", "PS256"])
async def test_other_algorithms_with_the_right_key_are_refused(
    verifier: TokenVerifier, pool: FakeUserPool, alg: str
) -> None:
    token = jwt.encode(pool.claims(), pool.private_key, algorithm=alg, headers={"kid": pool.kid})
    assert await refusal(verifier, token) == "wrong-algorithm"


async def test_a_token_with_a_changed_claim_is_refused(verifier: TokenVerifier, pool: FakeUserPool) -> None:
    header, _, signature = pool.token().split(".")
    claims = base64.urlsafe_b64encode(json.dumps(pool.claims(sub="someone-else")).encode()).rstrip(b"=").decode()
    assert await refusal(verifier, f"{header}.{claims}.{signature}") == "bad-signature"


async def test_a_token_without_a_key_id_is_refused(verifier: TokenVerifier, pool: FakeUserPool) -> None:
    token = jwt.encode(pool.claims(), pool.private_key, algorithm="RS256")
    assert await refusal(verifier, token) == "unknown-key"


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "x" * 100, "e30.e30.e30", "é.é.é"])
async def test_text_that_is_no_token_is_refused(verifier: TokenVerifier, text: str) -> None:
    assert await refusal(verifier, text) in {"malformed", "wrong-algorithm"}


async def test_a_token_that_is_too_long_is_not_parsed(verifier: TokenVerifier, pool: FakeUserPool) -> None:
    assert await refusal(verifier, pool.token(padding="x" * 9000)) == "too-long"
    assert pool.fetched == 0


async def test_without_keys_verification_raises_keys_unavailable(verifier: TokenVerifier, pool: FakeUserPool) -> None:
    pool.down = KeysUnavailable()
    with pytest.raises(KeysUnavailable):
        await verifier.verify(pool.token())
