"""Internal tokens: for one person and one receiving service, valid for a minute."""

from typing import Any

import jwt
import pytest
from pydantic import SecretStr

from shared.identity import InvalidToken, Principal
from shared.identity.internal_tokens import LIFE_S, InternalTokens
from tests.fakes.clock import FakeClock
from tests.fakes.keys import FakeUserPool

SECRET = SecretStr("a secret of services, and long enough")
OLD_SECRET = SecretStr("the secret of last month, long enough")
PERSON = Principal("person-1", "user", frozenset({"Admin"}), "admin@example.com")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def chat(clock: FakeClock) -> InternalTokens:
    return InternalTokens("chat", SECRET, clock=clock)


@pytest.fixture
def bots(clock: FakeClock) -> InternalTokens:
    return InternalTokens("bots", SECRET, clock=clock)


def token_with(clock: FakeClock, *, typ: str = "colloquy-internal+jwt", alg: str = "HS256", **changes: object) -> str:
    now = int(clock.now().timestamp())
    claims = {"iss": "colloquy.chat", "aud": "bots", "sub": "person-1", "groups": [], "iat": now, "exp": now + LIFE_S}
    claims = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return jwt.encode(claims, SECRET.get_secret_value(), algorithm=alg, headers={"typ": typ})


async def refusal(tokens: InternalTokens, token: str) -> str:
    with pytest.raises(InvalidToken) as refused:
        await tokens.verify(token)
    return refused.value.reason


async def test_a_token_gives_person_groups_and_calling_service(chat: InternalTokens, bots: InternalTokens) -> None:
    principal = await bots.verify(chat.sign("bots", PERSON))
    assert principal == Principal("person-1", "service", frozenset({"Admin"}), via="chat")


async def test_a_token_for_another_service_is_refused(chat: InternalTokens, clock: FakeClock) -> None:
    ingest = InternalTokens("ingest", SECRET, clock=clock)
    assert await refusal(ingest, chat.sign("bots", PERSON)) == "wrong-audience"


async def test_a_token_expires_after_a_minute(chat: InternalTokens, bots: InternalTokens, clock: FakeClock) -> None:
    token = chat.sign("bots", PERSON)
    clock.advance(LIFE_S)
    await bots.verify(token)
    clock.advance(5)
    assert await refusal(bots, token) == "expired"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"exp": 4_000_000_000}, "expired"),
        ({"iat": 4_000_000_000, "exp": 4_000_000_060}, "not-yet-valid"),
        ({"iss": "somebody.else"}, "wrong-issuer"),
        ({"iss": None}, "missing-claim"),
        ({"sub": None}, "missing-claim"),
        ({"sub": ""}, "missing-claim"),
        ({"groups": "Admin"}, "malformed"),
        ({"aud": ["bots", "ingest"]}, "wrong-audience"),
        ({"typ": "JWT"}, "wrong-kind"),
        ({"alg": "HS512"}, "wrong-algorithm"),
    ],
)
@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
async def test_a_token_with_wrong_claims_is_refused(
    bots: InternalTokens, clock: FakeClock, changes: dict[str, Any], reason: str
) -> None:
    assert await refusal(bots, token_with(clock, **changes)) == reason


async def test_a_token_under_another_secret_is_refused(bots: InternalTokens, clock: FakeClock) -> None:
    forged = InternalTokens("chat", SecretStr("x" * 40), clock=clock).sign("bots", PERSON)
    assert await refusal(bots, forged) == "bad-signature"


async def test_during_rotation_both_secrets_are_accepted_and_the_new_one_signs(clock: FakeClock) -> None:
    rotating = InternalTokens("bots", SECRET, previous=OLD_SECRET, clock=clock)
    with_old_secret = InternalTokens("chat", OLD_SECRET, clock=clock)
    with_new_secret = InternalTokens("chat", SECRET, clock=clock)
    for sender in (with_old_secret, with_new_secret):
        assert (await rotating.verify(sender.sign("bots", PERSON))).subject == "person-1"
    assert await refusal(InternalTokens("chat", OLD_SECRET, clock=clock), rotating.sign("chat", PERSON)) == (
        "bad-signature"
    )


async def test_an_id_token_is_refused(bots: InternalTokens, clock: FakeClock) -> None:
    assert await refusal(bots, FakeUserPool(clock).token()) == "wrong-algorithm"


@pytest.mark.parametrize("text", ["", "a.b.c", "é"])
async def test_text_that_is_no_token_is_refused(bots: InternalTokens, text: str) -> None:
    assert await refusal(bots, text) == "malformed"


def test_a_short_secret_is_refused_at_start() -> None:
    with pytest.raises(ValueError, match="32 characters"):
        InternalTokens("chat", SecretStr("short"))
