"""Sign-in through an identity provider: to the user pool and back, in a real browser."""

import base64
import hashlib
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.e2e.conftest import LocalSystem, new_browser_context
from tests.e2e.hosted_sign_in import SignInSite, hosted_sign_in
from tests.e2e.person import composer, send_message, sign_in, wait_for_end

CONTINUE = "Continue with Acme"


@pytest.fixture(scope="module")
def site(system: LocalSystem) -> Iterator[SignInSite]:
    with hosted_sign_in(system) as site:
        yield site


@pytest.fixture
def context(browser: Browser, site: SignInSite) -> Iterator[BrowserContext]:
    with new_browser_context(browser, site.url) as context:
        yield context


@pytest.fixture
def requests(page: Page, site: SignInSite) -> dict[str, list[Request]]:
    """The browser's requests to the hosted domain, by path."""
    found: dict[str, list[Request]] = {}

    def record(request: Request) -> None:
        if request.url.startswith(site.domain):
            found.setdefault(urlsplit(request.url).path, []).append(request)

    page.on("request", record)
    return found


def query(request: Request) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(request.url).query))


def sign_in_at_provider(page: Page) -> None:
    page.get_by_role("button", name=CONTINUE).click()
    page.get_by_role("link", name="I am kim@acme.example").click()


def test_after_the_provider_the_person_returns_to_the_requested_page(
    page: Page, site: SignInSite, requests: dict[str, list[Request]]
) -> None:
    page.goto("/usage")
    sign_in_at_provider(page)
    expect(page.get_by_role("heading", level=1, name="Usage")).to_be_visible()
    assert page.url == f"{site.url}/usage"

    (authorization,), (exchange,) = requests["/oauth2/authorize"], requests["/oauth2/token"]
    form = dict(parse_qsl(exchange.post_data or ""))
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert query(authorization)["code_challenge"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert query(authorization)["redirect_uri"] == form["redirect_uri"] == site.url
    assert site.provider.authorizations[-1]["client_id"] == "colloquy"


def test_the_session_works_like_one_with_a_password(page: Page) -> None:
    page.goto("/")
    sign_in_at_provider(page)
    send_message(page, "Hello [[ttft=10 gap=0 tokens=10]]")
    wait_for_end(page)
    page.reload()
    expect(composer(page)).to_be_visible()
    expect(page.get_by_role("button", name="Account and settings")).to_contain_text("kim@acme.example")
    assert page.evaluate("sessionStorage.length") == 0
    page.goto("/")
    page.go_back()
    expect(composer(page)).to_be_visible()
    assert "code=" not in page.url


def test_signing_out_ends_the_hosted_session(page: Page, site: SignInSite) -> None:
    page.goto("/")
    sign_in_at_provider(page)
    expect(composer(page)).to_be_visible()
    with page.expect_request(f"{site.domain}/logout*") as logout:
        page.get_by_role("button", name="Account and settings").click()
        page.get_by_role("menuitem", name="Sign out").click()
    assert query(logout.value)["logout_uri"] == site.url
    expect(page.get_by_role("button", name=CONTINUE)).to_be_visible()
    assert page.url.startswith(site.url)
    assert "eyJ" not in page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    page.get_by_role("button", name=CONTINUE).click()
    expect(page.get_by_role("link", name="I am kim@acme.example")).to_be_visible()


def test_signing_out_of_a_password_session_does_not_use_the_hosted_domain(
    page: Page, requests: dict[str, list[Request]]
) -> None:
    sign_in(page)
    page.get_by_role("button", name="Account and settings").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("button", name=CONTINUE)).to_be_visible()
    page.goto("/")
    assert "/logout" not in requests


def test_a_refused_sign_in_shows_an_error_and_can_be_repeated(
    page: Page, site: SignInSite, requests: dict[str, list[Request]]
) -> None:
    page.goto("/usage")
    page.get_by_role("button", name=CONTINUE).click()
    expect(page.get_by_role("link", name="I am kim@acme.example")).to_be_visible()
    # The embedded pool answers a refusal of the provider itself; AWS redirects to the page with it, as below.
    state = query(requests["/oauth2/authorize"][-1])["state"]
    page.goto(f"/?error=access_denied&error_description=Call+1-800&state={state}")
    expect(page.get_by_role("alert")).to_have_text(
        "The sign-in was cancelled or not allowed. Try again, or choose another way."
    )
    assert page.url == f"{site.url}/sign-in"
    sign_in_at_provider(page)
    expect(page.get_by_role("heading", level=1, name="Usage")).to_be_visible()


@pytest.mark.parametrize("answer", ["code=stolen", "error=access_denied&error_description=Call+1-800"])
def test_a_callback_with_an_unknown_state_does_not_sign_in(
    page: Page, site: SignInSite, requests: dict[str, list[Request]], answer: str
) -> None:
    page.goto(f"/?{answer}&state=of-somebody-else")
    expect(page.get_by_role("alert")).to_contain_text("did not begin in this tab")
    expect(page.get_by_text("1-800")).to_have_count(0)
    assert page.url == f"{site.url}/sign-in"
    assert not requests
