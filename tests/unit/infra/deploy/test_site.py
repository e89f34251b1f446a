"""The files of the web chat in its bucket, and its public configuration."""

import json
from pathlib import Path

import pytest

from infra.deploy.site import configuration, publish
from infra.public_configuration import PublicConfiguration
from tests.fakes.buckets import FakeBuckets

PLATFORM = {"UserPoolId": "pool", "UserPoolClientId": "client"}
HOSTED = PLATFORM | {"HostedSignInDomain": "https://mine.auth.eu-west-1.amazoncognito.com"}


def public_configuration(
    logo: Path | None = None, platform: dict[str, str] = PLATFORM, **parameters: str
) -> PublicConfiguration:
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


def test_the_configuration_names_the_user_pool_of_the_region() -> None:
    found = public_configuration()
    assert (found.user_pool_id, found.user_pool_client_id, found.region) == ("pool", "client", "eu-west-1")
    assert found.cognito_endpoint == "https://cognito-idp.eu-west-1.amazonaws.com/"
    assert (found.environment, found.default_model, found.logo) == ("prod", None, None)
    assert found.features.self_sign_up


def test_sign_up_parameters_are_in_the_configuration() -> None:
    assert not public_configuration(SelfSignUp="false").features.self_sign_up
    assert public_configuration(AllowedSignUpEmailDomains="a.com, b.com").sign_up_email_domains == ["a.com", "b.com"]
    assert public_configuration(DefaultModel="anthropic.one").default_model == "anthropic.one"


def test_identity_providers_are_offered_and_disable_self_sign_up() -> None:
    found = public_configuration(platform=HOSTED, GoogleSecretName="g", OidcSecretName="o", OidcProviderName="Corp")
    assert found.hosted_sign_in is not None
    assert [each.name for each in found.hosted_sign_in.providers] == ["Google", "Corp"]
    assert not found.features.self_sign_up


def test_without_a_hosted_domain_no_provider_is_offered() -> None:
    assert public_configuration(GoogleSecretName="g").hosted_sign_in is None
    assert public_configuration(platform=HOSTED).hosted_sign_in is None


def test_hashed_files_are_immutable_and_uploaded_before_the_files_that_name_them(
    pages: Path, buckets: FakeBuckets
) -> None:
    assert publish(buckets, "site", pages, public_configuration(), None) == 4
    assert buckets.sent == ["assets/app-1a2b.js", "theme.js", "index.html", "config.json"]
    cached = {name.removeprefix("site/"): about["CacheControl"] for name, about in buckets.about.items()}
    assert cached.pop("assets/app-1a2b.js") == "public, max-age=31536000, immutable"
    assert set(cached.values()) == {"no-cache"}
    assert buckets.about["site/index.html"]["ContentType"] == "text/html"
    assert json.loads(buckets.objects["site/config.json"])["user_pool_id"] == "pool"


def test_unchanged_files_are_not_uploaded_again(pages: Path, buckets: FakeBuckets) -> None:
    publish(buckets, "site", pages, public_configuration(), None)
    assert publish(buckets, "site", pages, public_configuration(), None) == 0
    (pages / "theme.js").write_text("changed")
    assert publish(buckets, "site", pages, public_configuration(SelfSignUp="false"), None) == 2
    assert buckets.sent[-2:] == ["theme.js", "config.json"]


def test_a_logo_is_published_beside_the_pages(pages: Path, buckets: FakeBuckets, tmp_path: Path) -> None:
    logo = tmp_path / "Our Logo.PNG"
    logo.write_bytes(b"png")
    found = public_configuration(logo)
    publish(buckets, "site", pages, found, logo)
    assert found.logo == "/logo.png"
    assert buckets.objects["site/logo.png"] == b"png"
    assert buckets.about["site/logo.png"]["ContentType"] == "image/png"
