"""One service asks another: for whom, for a minute, and for nobody else's ears."""

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


def handmade(clock: FakeClock, *, typ: str = "colloquy-internal+jwt", alg: str = "HS256", **changes: object) -> str:
    now = int(clock.now().timestamp())
    claims = {"iss": "colloquy.chat", "aud": "bots", "sub": "person-1", "groups": [], "iat": now, "exp": now + LIFE_S}
    claims = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return jwt.encode(claims, SECRET.get_secret_value(), algorithm=alg, headers={"typ": typ})


async def refusal(tokens: InternalTokens, token: str) -> str:
    with pytest.raises(InvalidToken) as refused:
        await tokens.verify(token)
    return refused.value.reason


async def test_the_service_asked_learns_the_person_the_groups_and_who_asks(
    chat: InternalTokens, bots: InternalTokens
) -> None:
    principal = await bots.verify(chat.sign("bots", PERSON))
    assert principal == Principal("person-1", "service", frozenset({"Admin"}), via="chat")


async def test_a_token_for_one_service_opens_no_other(chat: InternalTokens, clock: FakeClock) -> None:
    ingest = InternalTokens("ingest", SECRET, clock=clock)
    assert await refusal(ingest, chat.sign("bots", PERSON)) == "wrong-audience"


async def test_a_token_lives_a_minute(chat: InternalTokens, bots: InternalTokens, clock: FakeClock) -> None:
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
async def test_a_token_that_says_the_wrong_thing_is_refused(
    bots: InternalTokens, clock: FakeClock, changes: dict[str, Any], reason: str
) -> None:
    assert await refusal(bots, handmade(clock, **changes)) == reason


async def test_a_token_under_another_secret_is_refused(bots: InternalTokens, clock: FakeClock) -> None:
    forged = InternalTokens("chat", SecretStr("x" * 40), clock=clock).sign("bots", PERSON)
    assert await refusal(bots, forged) == "bad-signature"


async def test_while_the_secret_rotates_both_count_and_the_new_one_signs(clock: FakeClock) -> None:
    rotating = InternalTokens("bots", SECRET, previous=OLD_SECRET, clock=clock)
    not_yet = InternalTokens("chat", OLD_SECRET, clock=clock)
    already = InternalTokens("chat", SECRET, clock=clock)
    for asking in (not_yet, already):
        assert (await rotating.verify(asking.sign("bots", PERSON))).subject == "person-1"
    assert await refusal(InternalTokens("chat", OLD_SECRET, clock=clock), rotating.sign("chat", PERSON)) == (
        "bad-signature"
    )


async def test_a_persons_own_token_is_no_internal_one(bots: InternalTokens, clock: FakeClock) -> None:
    assert await refusal(bots, FakeUserPool(clock).token()) == "wrong-algorithm"


@pytest.mark.parametrize("text", ["", "a.b.c", "é"])
async def test_what_is_no_token_is_refused(bots: InternalTokens, text: str) -> None:
    assert await refusal(bots, text) == "malformed"


def test_a_short_secret_is_refused_at_start() -> None:
    with pytest.raises(ValueError, match="32 characters"):
        InternalTokens("chat", SecretStr("short"))
