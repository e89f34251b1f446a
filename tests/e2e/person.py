"""Actions of a person on the page, by visible labels and roles."""

import re

from playwright.sync_api import Locator, Page, expect

from infra.local.seed import DEMO_PASSWORD

ANSWER_S = 30_000


def sign_in(page: Page, email: str = "user@example.com", password: str = DEMO_PASSWORD) -> None:
    page.goto("/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(composer(page)).to_be_visible()


def composer(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message", exact=True)


def send_message(page: Page, text: str) -> None:
    composer(page).fill(text)
    composer(page).press("Enter")


def wait_for_end(page: Page) -> None:
    """Wait until the answer has ended and the stop button is gone."""
    expect(page.get_by_role("button", name="Stop answering")).to_have_count(0, timeout=ANSWER_S)
    expect(page.get_by_text(re.compile(r"\d tokens?")).last).to_be_visible()


def answers(page: Page) -> Locator:
    return page.get_by_role("article", name="Answer")


def last_answer(page: Page) -> str:
    return answers(page).last.inner_text()
