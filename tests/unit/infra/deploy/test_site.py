"""The web chat in its bucket, and its configuration."""

import json
from pathlib import Path

import pytest

from infra.deploy.site import configuration, publish
from infra.public_configuration import PublicConfiguration
from tests.fakes.buckets import FakeBuckets

PLATFORM = {"UserPoolId": "pool", "UserPoolClientId": "client"}
HOSTED = PLATFORM | {"HostedSignInDomain": "https://mine.auth.eu-west-1.amazoncognito.com"}


def told(logo: Path | None = None, platform: dict[str, str] = PLATFORM, **parameters: str) -> PublicConfiguration:
    return configuration("eu-west-1", "prod", platform, parameters, logo)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    for name in ("index.html", "index.html.gz", "theme.js", "assets/app-1a2b.js", "assets/app-1a2b.js.gz"):
        (tmp_path / "dist" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "dist" / name).write_text(name)
    return tmp_path / "dist"


@pytest.fixture
def buckets() -> FakeBuckets:
    found = FakeBuckets()
    found.create_bucket(Bucket="site")
    return found


def test_people_sign_in_at_the_regions_own_user_pool() -> None:
    found = told()
    assert (found.user_pool_id, found.user_pool_client_id, found.region) == ("pool", "client", "eu-west-1")
    assert found.cognito_endpoint == "https://cognito-idp.eu-west-1.amazonaws.com/"
    assert (found.environment, found.default_model, found.logo) == ("prod", None, None)
    assert found.features.self_sign_up


def test_wishes_about_signing_up_are_told() -> None:
    assert not told(SelfSignUp="false").features.self_sign_up
    assert told(AllowedSignUpEmailDomains="a.com, b.com").sign_up_email_domains == ["a.com", "b.com"]
    assert told(DefaultModel="anthropic.one").default_model == "anthropic.one"


def test_providers_are_offered_and_close_the_sign_up() -> None:
    found = told(platform=HOSTED, GoogleSecretName="g", OidcSecretName="o", OidcProviderName="Corp")
    assert found.hosted_sign_in is not None
    assert [each.name for each in found.hosted_sign_in.providers] == ["Google", "Corp"]
    assert not found.features.self_sign_up


def test_without_a_domain_of_the_user_pool_no_provider_can_be_offered() -> None:
    assert told(GoogleSecretName="g").hosted_sign_in is None
    assert told(platform=HOSTED).hosted_sign_in is None


def test_hashed_files_are_for_ever_and_what_names_them_comes_last(pages: Path, buckets: FakeBuckets) -> None:
    assert publish(buckets, "site", pages, told(), None) == 4
    assert buckets.sent == ["assets/app-1a2b.js", "theme.js", "index.html", "config.json"]
    cached = {name.removeprefix("site/"): about["CacheControl"] for name, about in buckets.about.items()}
    assert cached.pop("assets/app-1a2b.js") == "public, max-age=31536000, immutable"
    assert set(cached.values()) == {"no-cache"}
    assert buckets.about["site/index.html"]["ContentType"] == "text/html"
    assert json.loads(buckets.objects["site/config.json"])["user_pool_id"] == "pool"


def test_what_is_there_as_it_is_is_not_sent_again(pages: Path, buckets: FakeBuckets) -> None:
    publish(buckets, "site", pages, told(), None)
    assert publish(buckets, "site", pages, told(), None) == 0
    (pages / "theme.js").write_text("changed")
    assert publish(buckets, "site", pages, told(SelfSignUp="false"), None) == 2
    assert buckets.sent[-2:] == ["theme.js", "config.json"]


def test_a_logo_lies_beside_the_pages_that_show_it(pages: Path, buckets: FakeBuckets, tmp_path: Path) -> None:
    logo = tmp_path / "Our Logo.PNG"
    logo.write_bytes(b"png")
    found = told(logo)
    publish(buckets, "site", pages, found, logo)
    assert found.logo == "/logo.png"
    assert buckets.objects["site/logo.png"] == b"png"
    assert buckets.about["site/logo.png"]["ContentType"] == "image/png"
