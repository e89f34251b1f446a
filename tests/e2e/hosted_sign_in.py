"""The running system at another address, with an identity provider in its user pool."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from infra.deploy.stack_names import SERVICES
from infra.local.aws.deploy import client
from infra.local.up.programs import AWS
from infra.local.up.readiness import fetch_json
from infra.local.up.state import State
from tests.e2e.conftest import LocalSystem
from tests.e2e.openid_provider import OpenIdProvider, provider
from tests.polling import eventually
from tests.ports import free_port
from tests.stack import ROOT

NAME, TITLE = "AcmeId", "Acme"
_SCOPES = ["openid", "email", "profile"]
_UNCHANGED_CLIENT_FIELDS = ("UserPoolId", "ClientId", "ClientName", "ExplicitAuthFlows", "TokenValidityUnits")


@dataclass(frozen=True)
class SignInSite:
    """`domain`: the embedded AWS, which has the endpoints of a user pool's domain."""

    url: str
    domain: str
    provider: OpenIdProvider


@contextmanager
def hosted_sign_in(system: LocalSystem) -> Iterator[SignInSite]:
    ports = State(system.state).read_note("ports")
    assert isinstance(ports, dict)
    aws, url = f"http://127.0.0.1:{ports[AWS]}", f"http://127.0.0.1:{free_port()}"
    public = fetch_json(f"{system.url}/config.json")
    hosted = {"domain": aws, "providers": [{"name": NAME, "title": TITLE}, {"name": "Other", "title": "Other"}]}
    with provider(sub="acme-7", email="kim@acme.example", name="Kim") as acme:
        _register_provider(client("cognito-idp", aws), public, acme.url, url)
        with _gateway(system, url, aws, {**public, "hosted_sign_in": hosted}):
            yield SignInSite(url, aws, acme)


def _register_provider(pool: Any, public: Mapping[str, Any], provider_url: str, app: str) -> None:
    """Configure the pool as infra/sam/platform.yaml does for `OidcSecretName` and `AppUrls`."""
    ids = {"UserPoolId": public["user_pool_id"], "ClientId": public["user_pool_client_id"]}
    pool.create_identity_provider(
        UserPoolId=ids["UserPoolId"],
        ProviderName=NAME,
        ProviderType="OIDC",
        ProviderDetails={
            "client_id": "colloquy",
            "client_secret": "of-a-test",
            "oidc_issuer": provider_url,
            "attributes_request_method": "GET",
            "authorize_scopes": " ".join(_SCOPES),
            "authorize_url": f"{provider_url}/authorize",
            "token_url": f"{provider_url}/token",
        },
        AttributeMapping={"email": "email", "name": "name", "username": "sub"},
    )
    web = pool.describe_user_pool_client(**ids)["UserPoolClient"]
    pool.update_user_pool_client(
        **{name: web[name] for name in _UNCHANGED_CLIENT_FIELDS},
        **{name: int(value) for name, value in web.items() if name.endswith("Validity")},
        SupportedIdentityProviders=["COGNITO", NAME],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=_SCOPES,
        CallbackURLs=[app],
        LogoutURLs=[app],
    )


@contextmanager
def _gateway(system: LocalSystem, url: str, aws: str, public: Mapping[str, Any]) -> Iterator[None]:
    """A second gateway that forwards to the first one."""
    settings = {
        "PORT": url.rpartition(":")[2],
        "SERVICES": json.dumps(dict.fromkeys(SERVICES, system.url)),
        "COGNITO": aws,
        "PUBLIC": json.dumps(public),
    }
    variables = {f"COLLOQUY_GATEWAY_{name}": value for name, value in settings.items()}
    process = subprocess.Popen([sys.executable, "-m", "infra.local.gateway"], cwd=ROOT, env=os.environ | variables)
    try:
        assert eventually(lambda: _answers(url), 20)
        yield
    finally:
        process.terminate()
        process.wait(10)


def _answers(url: str) -> bool:
    try:
        return bool(fetch_json(f"{url}/config.json"))
    except OSError:
        return False
