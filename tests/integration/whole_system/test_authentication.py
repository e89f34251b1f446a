"""Only a current ID token of this pool and this client is accepted, at every route of every service."""

import base64
import json

import jwt
import pytest

from infra.docs.openapi import FOLDER, SERVICES
from infra.local.seed import DEMO_PASSWORD
from tests.clients import Person
from tests.fakes.keys import stranger_key
from tests.system import Process, System

USER = "user@example.com"
OPERATIONS = [
    (service, method, path)
    for service in SERVICES
    for path, operations in json.loads((FOLDER / f"{service}.json").read_text())["paths"].items()
    for method, operation in operations.items()
    if operation["security"]
]
_ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
PATH_PARAMETERS = {
    "conversation_id": f"conv_{_ULID}",
    "turn_id": f"turn_{_ULID}",
    "user_message_id": f"msg_{_ULID}",
    "bot_id": f"bot_{_ULID}",
    "source_id": f"src_{_ULID}",
    "call_id": f"call_{_ULID}",
    "version": "1",
    "name": "calculator",
}


@pytest.fixture(scope="module")
def wrong_tokens(whole_system: System) -> dict[str, str]:
    cognito, platform = whole_system.stack.client("cognito-idp"), whole_system.stack.platform
    pool, client = platform["UserPoolId"], platform["UserPoolClientId"]
    other_client = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="another", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]

    def signed_in(client_id: str) -> dict[str, str]:
        answer = cognito.admin_initiate_auth(
            UserPoolId=pool,
            ClientId=client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": USER, "PASSWORD": DEMO_PASSWORD},
        )
        result: dict[str, str] = answer["AuthenticationResult"]
        return result

    good = signed_in(client)["IdToken"]
    header, claims, signature = good.split(".")
    kid = jwt.get_unverified_header(good)["kid"]
    known = jwt.decode(good, options={"verify_signature": False})
    return {
        "access token": signed_in(client)["AccessToken"],
        "another audience": signed_in(other_client)["IdToken"],
        "unsigned": f"{_encoded({'alg': 'none', 'kid': kid})}.{claims}.",
        "no signature": f"{header}.{claims}.",
        "signed with another key": jwt.encode(known, stranger_key(), "RS256", {"kid": kid}),
        "foreign issuer": jwt.encode({**known, "iss": "https://elsewhere"}, stranger_key(), "RS256", {"kid": kid}),
        "other claims, same signature": f"{header}.{_encoded({**known, 'sub': 'somebody-else'})}.{signature}",
        "signed with a shared secret": jwt.encode(known, "x" * 40, "HS256", {"kid": kid}),
        "unknown key": jwt.encode(known, stranger_key(), "RS256", {"kid": "unknown"}),
        "not a JWT": "rubbish",
        "empty": "",
    }


def _encoded(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(("service", "method", "path"), OPERATIONS)
def test_an_invalid_token_is_refused_on_every_route(
    services: dict[str, Process], wrong_tokens: dict[str, str], service: str, method: str, path: str
) -> None:
    for kind, token in wrong_tokens.items():
        answer = Person(services[service].url, token).call(method.upper(), path.format(**PATH_PARAMETERS))
        assert (kind, answer.status, answer.problem) == (kind, 401, "unauthenticated")
        assert answer.headers["www-authenticate"].startswith("Bearer"), kind


@pytest.mark.parametrize("service", SERVICES)
def test_health_readiness_and_the_document_need_no_token(services: dict[str, Process], service: str) -> None:
    for what in ("health", "ready", "openapi.json"):
        assert Person(services[service].url, "").call("GET", f"/api/{service}/{what}").status == 200


@pytest.mark.parametrize("service", SERVICES)
def test_an_unknown_path_or_method_is_a_problem(
    services: dict[str, Process], whole_system: System, service: str
) -> None:
    person = Person(services[service].url, whole_system.token(USER))
    assert person.call("GET", f"/api/{service}/nothing-here").problem == "not-found"
    assert person.call("PUT", f"/api/{service}/health").problem == "method-not-allowed"
