"""Authentication and rules: real tokens against a real application, for each kind of caller and route."""

import base64
import json
from collections.abc import AsyncIterator, Callable

import jwt
import pytest
from pydantic import SecretStr

from shared.http import RequestLimits, Route
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


def authorization(token: str) -> dict[str, str]:
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


async def test_a_valid_token_is_accepted(guarded: Client, pool: FakeUserPool) -> None:
    answer = await guarded.post(NOTES, json={}, headers=authorization(pool.token()))
    assert answer.status == 201
    assert (await answer.json())["by"] == SUBJECT


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
async def test_an_invalid_token_is_refused_and_not_repeated(
    guarded: Client, pool: FakeUserPool, wrong: Callable[[FakeUserPool], str]
) -> None:
    token = wrong(pool)
    answer = await guarded.get(NOTES, headers=authorization(token))
    await expect(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="colloquy", error="invalid_token"'
    assert token not in await answer.text()


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic dTpw", "Bearer a b", "token", "Bearer " + "x" * 9000]
)
async def test_a_header_without_a_bearer_token_is_refused(guarded: Client, header: str) -> None:
    answer = await guarded.get(NOTES, headers={"Authorization": header})
    await expect(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_two_authorization_headers_are_refused(guarded: Client, pool: FakeUserPool) -> None:
    headers = [("Authorization", f"Bearer {pool.token()}")] * 2
    await expect(await guarded.get(NOTES, headers=headers), 401, "unauthenticated")


async def test_without_a_token_the_body_is_not_parsed(guarded: Client) -> None:
    await expect(await guarded.post(NOTES, data=b"{", headers={"Content-Type": "text/plain"}), 401, "unauthenticated")


async def test_while_the_keys_are_unavailable_requests_get_503_with_retry_after(
    guarded: Client, pool: FakeUserPool
) -> None:
    pool.down = KeysUnavailable()
    answer = await guarded.get(NOTES, headers=authorization(pool.token()))
    await expect(answer, 503, "service-unavailable")
    assert int(answer.headers["Retry-After"]) > 0


async def test_an_internal_token_is_accepted_on_internal_routes(guarded: Client, chat: InternalTokens) -> None:
    token = chat.sign("notes", Principal("person-1", "user"))
    answer = await guarded.get("/internal/notes/whoami", headers=authorization(token))
    assert answer.status == 200
    assert await answer.json() == {"id": "", "title": "chat", "by": "person-1"}


async def test_an_internal_token_is_refused_on_public_routes(guarded: Client, chat: InternalTokens) -> None:
    answer = await guarded.get(NOTES, headers=authorization(chat.sign("notes", Principal("person-1", "user"))))
    await expect(answer, 401, "unauthenticated")


async def test_an_id_token_is_refused_on_internal_routes(guarded: Client, pool: FakeUserPool) -> None:
    answer = await guarded.get("/internal/notes/whoami", headers=authorization(pool.token()))
    await expect(answer, 401, "unauthenticated")


async def test_an_internal_token_for_another_service_is_refused(guarded: Client, chat: InternalTokens) -> None:
    answer = await guarded.get(
        "/internal/notes/whoami", headers=authorization(chat.sign("bots", Principal("person-1", "user")))
    )
    await expect(answer, 401, "unauthenticated")


async def test_without_an_internal_verifier_internal_tokens_are_refused(client: Client, chat: InternalTokens) -> None:
    answer = await client.get(
        "/internal/notes/whoami", headers=authorization(chat.sign("notes", Principal("p", "user")))
    )
    await expect(answer, 401, "unauthenticated")


async def test_a_group_rule_requires_the_group(client: Client) -> None:
    assert (await client.delete("/api/notes/everything", headers=bearer("admin"))).status == 204
    answer = await client.delete("/api/notes/everything", headers=bearer("user"))
    await expect(answer, 403, "forbidden")


@pytest.mark.parametrize(
    ("groups", "status"),
    [(frozenset({"Admin"}), 204), (frozenset[str](), 403), (None, 503)],
    ids=["in group", "not in group", "directory unavailable"],
)
@pytest.mark.parametrize("subject", ["admin", "user"])
async def test_the_groups_of_the_directory_decide_not_those_of_the_token(
    people: FakeVerifier, groups: frozenset[str] | None, status: int, subject: str
) -> None:
    async with notes_client(verifier=people, directory=FakeDirectory(groups)) as client:
        assert (await client.delete("/api/notes/everything", headers=bearer(subject))).status == status


async def test_each_caller_has_a_rate_limit_of_its_own(clock: FakeClock) -> None:
    async with notes_client(limits=RequestLimits(requests_per_s=1, burst=2), clock=clock) as client:
        for _ in range(2):
            assert (await client.get(NOTES, headers=bearer("first"))).status == 200
        answer = await client.get(NOTES, headers=bearer("first"))
        await expect(answer, 429, "rate-limited")
        assert answer.headers["Retry-After"] == "1"
        assert (await client.get(NOTES, headers=bearer("second"))).status == 200
        clock.advance(1)
        assert (await client.get(NOTES, headers=bearer("first"))).status == 200


CALLERS = {"anonymous": {}, "user": bearer("user"), "admin": bearer("admin"), "stranger": authorization("forged")}
ALLOWED = {
    "public": {"anonymous", "user", "admin", "stranger"},
    "signed_in": {"user", "admin"},
    "in_group(Admin)": {"admin"},
    "internal_service": set[str](),
}


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("route", [route for route in ROUTES if not route.streams], ids=lambda route: route.name)
async def test_each_route_accepts_the_callers_of_its_rule_only(client: Client, route: Route, caller: str) -> None:
    answer = await client.request(route.method, route.template.replace("{id}", "doc_none"), headers=CALLERS[caller])
    assert (answer.status not in {401, 403}) == (caller in ALLOWED[route.rule.name])
