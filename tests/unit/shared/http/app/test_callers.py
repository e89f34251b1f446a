"""Who gets in: real tokens against a real application, for each kind of caller and route."""

import base64
import json
from collections.abc import AsyncIterator, Callable

import jwt
import pytest
from pydantic import SecretStr

from shared.http import Limits, Route
from shared.identity import DirectoryUnavailable, KeysUnavailable, Principal
from shared.identity.internal_tokens import InternalTokens
from shared.identity.jwks import Jwks
from shared.identity.tokens import TokenVerifier
from tests.fakes.clock import FakeClock
from tests.fakes.http_service import ROUTES, Client, FakeVerifier, bearer, notes_client
from tests.fakes.keys import AUDIENCE, ISSUER, SUBJECT, FakeUserPool, stranger_key
from tests.unit.shared.http.answers import expect

SECRET = SecretStr("a secret of services, and long enough")
NOTES = "/api/notes/notes"


class FakeDirectory:
    def __init__(self, groups: frozenset[str] | None) -> None:
        self._groups = groups

    async def groups_of(self, _subject: str) -> frozenset[str]:
        if self._groups is None:
            raise DirectoryUnavailable
        return self._groups


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def pool(clock: FakeClock) -> FakeUserPool:
    return FakeUserPool(clock)


@pytest.fixture
def chat(clock: FakeClock) -> InternalTokens:
    return InternalTokens("chat", SECRET, clock=clock)


@pytest.fixture
async def guarded(pool: FakeUserPool, clock: FakeClock) -> AsyncIterator[Client]:
    verifier = TokenVerifier(ISSUER, AUDIENCE, Jwks(pool.fetch, clock=clock), clock=clock)
    inner = InternalTokens("notes", SECRET, clock=clock)
    async with notes_client(verifier=verifier, internal_verifier=inner, clock=clock) as client:
        yield client


def sent(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def unsigned(pool: FakeUserPool) -> str:
    parts = ({"alg": "none", "kid": pool.kid}, pool.claims())
    return ".".join([base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]) + "."


def confused(pool: FakeUserPool) -> str:
    return jwt.encode(pool.claims(), "the public key or anything else as a secret", "HS256", headers={"kid": pool.kid})


def forged(pool: FakeUserPool) -> str:
    return jwt.encode(pool.claims(), stranger_key(), "RS256", headers={"kid": pool.kid})


WRONG = {
    "expired": lambda pool: pool.token(exp=1_700_000_000, iat=1_699_000_000),
    "of another pool": lambda pool: pool.token(iss=ISSUER + "Other"),
    "for another client": lambda pool: pool.token(aud="another-client"),
    "access": lambda pool: pool.token(token_use="access", aud=None, client_id=AUDIENCE),
    "access with an audience": lambda pool: pool.token(token_use="access"),
    "refresh": lambda _pool: "eyJjdHkiOiJKV1QiLCJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiUlNBLU9BRVAifQ.a.b.c.d",
    "unsigned": unsigned,
    "confused": confused,
    "forged": forged,
    "under an unknown key": lambda pool: pool.token(headers={"kid": "unknown"}),
    "noise": lambda _pool: "abc",
    "API key": lambda _pool: "ck_0123456789",
}


async def test_a_good_token_gets_in(guarded: Client, pool: FakeUserPool) -> None:
    answer = await guarded.post(NOTES, json={}, headers=sent(pool.token()))
    assert answer.status == 201
    assert (await answer.json())["by"] == SUBJECT


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
async def test_a_wrong_token_does_not(
    guarded: Client, pool: FakeUserPool, wrong: Callable[[FakeUserPool], str]
) -> None:
    token = wrong(pool)
    answer = await guarded.get(NOTES, headers=sent(token))
    await expect(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="colloquy", error="invalid_token"'
    assert token not in await answer.text()


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic dTpw", "Bearer a b", "token", "Bearer " + "x" * 9000]
)
async def test_a_header_that_holds_no_token_does_not(guarded: Client, header: str) -> None:
    answer = await guarded.get(NOTES, headers={"Authorization": header})
    await expect(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_two_tokens_are_none(guarded: Client, pool: FakeUserPool) -> None:
    headers = [("Authorization", f"Bearer {pool.token()}")] * 2
    await expect(await guarded.get(NOTES, headers=headers), 401, "unauthenticated")


async def test_without_a_token_nothing_is_parsed(guarded: Client) -> None:
    await expect(await guarded.post(NOTES, data=b"{", headers={"Content-Type": "text/plain"}), 401, "unauthenticated")


async def test_when_keys_cannot_be_had_the_caller_is_told_to_come_again(guarded: Client, pool: FakeUserPool) -> None:
    pool.down = KeysUnavailable()
    answer = await guarded.get(NOTES, headers=sent(pool.token()))
    await expect(answer, 503, "service-unavailable")
    assert int(answer.headers["Retry-After"]) > 0


async def test_services_call_inside_and_learn_for_whom(guarded: Client, chat: InternalTokens) -> None:
    token = chat.sign("notes", Principal("person-1", "user"))
    answer = await guarded.get("/internal/notes/whoami", headers=sent(token))
    assert answer.status == 200
    assert await answer.json() == {"id": "", "title": "chat", "by": "person-1"}


async def test_services_do_not_call_where_people_do(guarded: Client, chat: InternalTokens) -> None:
    answer = await guarded.get(NOTES, headers=sent(chat.sign("notes", Principal("person-1", "user"))))
    await expect(answer, 401, "unauthenticated")


async def test_people_do_not_call_inside(guarded: Client, pool: FakeUserPool) -> None:
    answer = await guarded.get("/internal/notes/whoami", headers=sent(pool.token()))
    await expect(answer, 401, "unauthenticated")


async def test_a_token_for_another_service_does_not_open_this_one(guarded: Client, chat: InternalTokens) -> None:
    answer = await guarded.get("/internal/notes/whoami", headers=sent(chat.sign("bots", Principal("person-1", "user"))))
    await expect(answer, 401, "unauthenticated")


async def test_where_no_service_may_call_none_gets_in(client: Client, chat: InternalTokens) -> None:
    answer = await client.get("/internal/notes/whoami", headers=sent(chat.sign("notes", Principal("p", "user"))))
    await expect(answer, 401, "unauthenticated")


async def test_a_group_rule_asks_for_the_group(client: Client) -> None:
    assert (await client.delete("/api/notes/everything", headers=bearer("admin"))).status == 204
    answer = await client.delete("/api/notes/everything", headers=bearer("user"))
    await expect(answer, 403, "forbidden")


@pytest.mark.parametrize(
    ("now", "status"), [(frozenset({"Admin"}), 204), (frozenset[str](), 403), (None, 503)], ids=["in", "out", "unknown"]
)
@pytest.mark.parametrize("subject", ["admin", "user"])
async def test_the_directory_of_now_decides_and_not_the_token(
    people: FakeVerifier, now: frozenset[str] | None, status: int, subject: str
) -> None:
    async with notes_client(verifier=people, directory=FakeDirectory(now)) as client:
        assert (await client.delete("/api/notes/everything", headers=bearer(subject))).status == status


async def test_each_caller_has_a_bucket(clock: FakeClock) -> None:
    async with notes_client(limits=Limits(requests_per_s=1, burst=2), clock=clock) as client:
        for _ in range(2):
            assert (await client.get(NOTES, headers=bearer("greedy"))).status == 200
        answer = await client.get(NOTES, headers=bearer("greedy"))
        await expect(answer, 429, "rate-limited")
        assert answer.headers["Retry-After"] == "1"
        assert (await client.get(NOTES, headers=bearer("modest"))).status == 200
        clock.advance(1)
        assert (await client.get(NOTES, headers=bearer("greedy"))).status == 200


KINDS_OF_CALLER = {"nobody": {}, "user": bearer("user"), "admin": bearer("admin"), "stranger": sent("forged")}
MAY = {
    "public": {"nobody", "user", "admin", "stranger"},
    "signed_in": {"user", "admin"},
    "in_group(Admin)": {"admin"},
    "internal_service": set[str](),
}


@pytest.mark.parametrize("caller", KINDS_OF_CALLER)
@pytest.mark.parametrize("route", [route for route in ROUTES if not route.streams], ids=lambda route: route.name)
async def test_each_route_lets_in_whom_its_rule_names(client: Client, route: Route, caller: str) -> None:
    answer = await client.request(
        route.method, route.template.replace("{id}", "doc_none"), headers=KINDS_OF_CALLER[caller]
    )
    assert (answer.status not in {401, 403}) == (caller in MAY[route.rule.name])
