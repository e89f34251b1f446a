"""axe finds no accessibility violations on any page, on desktop in light and on a phone in dark."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import DESKTOP, PHONE, LocalSystem
from tests.e2e.pages import PAGES, PageCase, open_session

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


@pytest.fixture(scope="module", params=["light", "dark"])
def tabs(request: pytest.FixtureRequest, browser: Browser, system: LocalSystem) -> Iterator[dict[bool, Page]]:
    """Two tabs with these settings: signed in (True) and signed out (False)."""
    look = {
        "viewport": DESKTOP if request.param == "light" else PHONE,
        "color_scheme": request.param,
        "locale": "en-GB",
        "reduced_motion": "reduce",
    }
    contexts = [browser.new_context(base_url=system.url, **look) for _ in range(2)]
    signed_out, signed_in = (context.new_page() for context in contexts)
    open_session(signed_in)
    yield {True: signed_in, False: signed_out}
    for context in contexts:
        context.close()


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_the_page_has_no_accessibility_violations(tabs: dict[bool, Page], shown: PageCase) -> None:
    page = tabs[shown.signed_in]
    shown.show(page)
    found = Axe().run(page, options={"runOnly": RULES})
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found.response["violations"]] == []
