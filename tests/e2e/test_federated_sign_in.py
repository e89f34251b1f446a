"""Sign-in through an identity provider: to the user pool and back, in a real browser."""

import base64
import hashlib
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.e2e.conftest import LocalSystem, somebodys
from tests.e2e.hosted_sign_in import SignInSite, hosted_sign_in
from tests.e2e.person import composer, say, sign_in, wait_for_end

CONTINUE = "Continue with Acme"


@pytest.fixture(scope="module")
def site(system: LocalSystem) -> Iterator[SignInSite]:
    with hosted_sign_in(system) as site:
        yield site


@pytest.fixture
def context(browser: Browser, site: SignInSite) -> Iterator[BrowserContext]:
    with somebodys(browser, site.url) as context:
        yield context


@pytest.fixture
def requests(page: Page, site: SignInSite) -> dict[str, list[Request]]:
    """What the browser asked the hosted domain, by path."""
    asked: dict[str, list[Request]] = {}

    def record(request: Request) -> None:
        if request.url.startswith(site.domain):
            asked.setdefault(urlsplit(request.url).path, []).append(request)

    page.on("request", record)
    return asked


def query(request: Request) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(request.url).query))


def come_in(page: Page) -> None:
    page.get_by_role("button", name=CONTINUE).click()
    page.get_by_role("link", name="I am kim@acme.example").click()


def test_there_and_back_to_where_the_person_was_going(
    page: Page, site: SignInSite, requests: dict[str, list[Request]]
) -> None:
    page.goto("/usage")
    come_in(page)
    expect(page.get_by_role("heading", level=1, name="Usage")).to_be_visible()
    assert page.url == f"{site.url}/usage"

    (asked,), (exchanged,) = requests["/oauth2/authorize"], requests["/oauth2/token"]
    form = dict(parse_qsl(exchanged.post_data or ""))
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert query(asked)["code_challenge"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert query(asked)["redirect_uri"] == form["redirect_uri"] == site.url
    assert site.provider.asked[-1]["client_id"] == "colloquy"


def test_the_session_is_as_after_a_password(page: Page) -> None:
    page.goto("/")
    come_in(page)
    say(page, "Hello [[ttft=10 gap=0 tokens=10]]")
    wait_for_end(page)
    page.reload()
    expect(composer(page)).to_be_visible()
    expect(page.get_by_role("button", name="Account and settings")).to_contain_text("kim@acme.example")
    assert page.evaluate("sessionStorage.length") == 0
    page.goto("/")
    page.go_back()
    expect(composer(page)).to_be_visible()
    assert "code=" not in page.url


def test_signing_out_ends_the_hosted_session_and_asks_again(page: Page, site: SignInSite) -> None:
    page.goto("/")
    come_in(page)
    expect(composer(page)).to_be_visible()
    with page.expect_request(f"{site.domain}/logout*") as left:
        page.get_by_role("button", name="Account and settings").click()
        page.get_by_role("menuitem", name="Sign out").click()
    assert query(left.value)["logout_uri"] == site.url
    expect(page.get_by_role("button", name=CONTINUE)).to_be_visible()
    assert page.url.startswith(site.url)
    assert "eyJ" not in page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    page.get_by_role("button", name=CONTINUE).click()
    expect(page.get_by_role("link", name="I am kim@acme.example")).to_be_visible()


def test_a_session_by_password_stays_here_when_it_ends(page: Page, requests: dict[str, list[Request]]) -> None:
    sign_in(page)
    page.get_by_role("button", name="Account and settings").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("button", name=CONTINUE)).to_be_visible()
    page.goto("/")
    assert "/logout" not in requests


def test_a_refusal_is_told_in_words_and_another_try_works(
    page: Page, site: SignInSite, requests: dict[str, list[Request]]
) -> None:
    page.goto("/usage")
    page.get_by_role("button", name=CONTINUE).click()
    expect(page.get_by_role("link", name="I am kim@acme.example")).to_be_visible()
    # The embedded pool answers a provider's refusal by itself; AWS's sends the person back with it, like this.
    state = query(requests["/oauth2/authorize"][-1])["state"]
    page.goto(f"/?error=access_denied&error_description=Call+1-800&state={state}")
    expect(page.get_by_role("alert")).to_have_text(
        "The sign-in was cancelled or not allowed. Try again, or choose another way."
    )
    assert page.url == f"{site.url}/sign-in"
    come_in(page)
    expect(page.get_by_role("heading", level=1, name="Usage")).to_be_visible()


@pytest.mark.parametrize("answer", ["code=stolen", "error=access_denied&error_description=Call+1-800"])
def test_a_link_that_somebody_else_made_signs_nobody_in(
    page: Page, site: SignInSite, requests: dict[str, list[Request]], answer: str
) -> None:
    page.goto(f"/?{answer}&state=of-somebody-else")
    expect(page.get_by_role("alert")).to_contain_text("did not begin in this tab")
    expect(page.get_by_text("1-800")).to_have_count(0)
    assert page.url == f"{site.url}/sign-in"
    assert not requests
