"""What `/config.json` may say of identity providers."""

from typing import Any

import pytest
from pydantic import ValidationError

from infra.local.gateway.settings import PublicConfiguration

DOMAIN = "https://example.auth.eu-west-1.amazoncognito.com"
GOOGLE = {"name": "Google", "title": "Google"}


def configuration(hosted: dict[str, Any] | None) -> PublicConfiguration:
    pool = {"region": "eu-west-1", "user_pool_id": "p", "user_pool_client_id": "c"}
    return PublicConfiguration.model_validate({**pool, "hosted_sign_in": hosted})


def test_providers_are_told_as_they_are_given() -> None:
    hosted = {"domain": DOMAIN, "providers": [GOOGLE, {"name": "OIDC", "title": "Acme"}]}
    assert configuration(hosted).model_dump(mode="json")["hosted_sign_in"] == hosted


def test_none_is_none() -> None:
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
def test_a_domain_is_an_origin_and_says_nothing_more_in_the_pages_policy(domain: str) -> None:
    with pytest.raises(ValidationError):
        configuration({"domain": domain, "providers": [GOOGLE]})


@pytest.mark.parametrize("providers", [[], [{"name": "", "title": "Google"}], [{"name": "Google"}]])
def test_a_button_needs_a_provider_and_a_title(providers: list[dict[str, str]]) -> None:
    with pytest.raises(ValidationError):
        configuration({"domain": DOMAIN, "providers": providers})
