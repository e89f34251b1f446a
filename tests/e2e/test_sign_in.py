"""Sign-up with a code, sign-in, forgotten password, sign-out."""

import json
from secrets import token_hex

from playwright.sync_api import Page, expect

from tests.e2e.conftest import LocalSystem
from tests.e2e.person import composer, sign_in
from tests.polling import eventually

PASSWORD = "Correct-horse-1"


def code_for(system: LocalSystem, email: str, purpose: str) -> str:
    """The code of the e-mail; the local system stores e-mails in a file."""
    outbox = system.state / "aws" / "outbox.jsonl"

    def newest() -> str | None:
        lines = [json.loads(line) for line in outbox.read_text().splitlines()] if outbox.exists() else []
        mine = [line["code"] for line in lines if line["to"] == email and line["purpose"] == purpose]
        return str(mine[-1]) if mine else None

    found = eventually(newest)
    assert found
    return found


def sign_up(page: Page, system: LocalSystem, email: str) -> None:
    """Create an account and confirm it, up to the chat or to the sign-in page."""
    page.goto("/")
    page.get_by_role("link", name="Create account").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.get_by_label("Code").fill(code_for(system, email, "sign-up"))
    page.get_by_role("button", name="Confirm").click()
    expect(composer(page).or_(page.get_by_text("You can sign in now."))).to_be_visible()


def test_a_new_person_signs_up_and_can_chat(page: Page, system: LocalSystem) -> None:
    email = f"new-{token_hex(4)}@example.com"
    sign_up(page, system, email)
    if page.get_by_text("You can sign in now.").is_visible():
        sign_in(page, email, PASSWORD)
    expect(composer(page)).to_be_visible()


def test_a_wrong_password_shows_an_error(page: Page) -> None:
    page.goto("/")
    page.get_by_label("E-mail").fill("user@example.com")
    page.get_by_label("Password", exact=True).fill("Wrong-pass-1")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("E-mail or password is not right.")).to_be_visible()


def test_a_forgotten_password_is_replaced(page: Page, system: LocalSystem) -> None:
    email = f"forgetful-{token_hex(4)}@example.com"
    sign_up(page, system, email)
    page.evaluate("localStorage.clear()")
    page.goto("/")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Send code").click()
    page.get_by_label("Code").fill(code_for(system, email, "password"))
    page.get_by_label("New password", exact=True).fill("Another-horse-2")
    page.get_by_role("button", name="Set password").click()
    expect(composer(page).or_(page.get_by_text("You can sign in now."))).to_be_visible()
    page.evaluate("localStorage.clear()")
    sign_in(page, email, "Another-horse-2")


def test_signing_out_removes_all_tokens(page: Page) -> None:
    sign_in(page)
    page.get_by_role("button", name="Account and settings").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_label("E-mail")).to_be_visible()
    kept = page.evaluate("JSON.stringify({...localStorage}) + document.cookie")
    assert "eyJ" not in kept
    page.goto("/")
    expect(page.get_by_label("E-mail")).to_be_visible()


def test_only_the_refresh_token_is_stored(page: Page) -> None:
    sign_in(page)
    kept = page.evaluate("Object.values({...localStorage, ...sessionStorage})")
    assert not [value for value in kept if str(value).count(".") == 2 and str(value).startswith("eyJ")]
