"""The identity providers in `/config.json`."""

from typing import Any

import pytest
from pydantic import ValidationError

from infra.local.gateway.settings import PublicConfiguration

DOMAIN = "https://example.auth.eu-west-1.amazoncognito.com"
GOOGLE = {"name": "Google", "title": "Google"}


def configuration(hosted: dict[str, Any] | None) -> PublicConfiguration:
    pool = {"region": "eu-west-1", "user_pool_id": "p", "user_pool_client_id": "c"}
    return PublicConfiguration.model_validate({**pool, "hosted_sign_in": hosted})


def test_providers_are_published_unchanged() -> None:
    hosted = {"domain": DOMAIN, "providers": [GOOGLE, {"name": "OIDC", "title": "Acme"}]}
    assert configuration(hosted).model_dump(mode="json")["hosted_sign_in"] == hosted


def test_without_hosted_sign_in_it_is_null() -> None:
    assert configuration(None).model_dump(mode="json")["hosted_sign_in"] is None


@pytest.mark.parametrize(
    "domain",
    [
        "",
        "example",
        "ftp://a.example",
        f"{DOMAIN}/",
        f"{DOMAIN}; script-src *",
        f"{DOMAIN} *",
        f"{DOMAIN}\n",
        "https://*",
    ],
)
def test_a_domain_that_is_no_origin_is_refused(domain: str) -> None:
    with pytest.raises(ValidationError):
        configuration({"domain": domain, "providers": [GOOGLE]})


@pytest.mark.parametrize("providers", [[], [{"name": "", "title": "Google"}], [{"name": "Google"}]])
def test_hosted_sign_in_needs_providers_with_name_and_title(providers: list[dict[str, str]]) -> None:
    with pytest.raises(ValidationError):
        configuration({"domain": DOMAIN, "providers": providers})
