"""axe finds nothing to complain about on any page, light or dark, wide or narrow."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.e2e.conftest import DESKTOP, PHONE, LocalSystem
from tests.e2e.pages import PAGES, Shown, open_session


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_everybody_can_use_the_page(browser: Browser, system: LocalSystem, shown: Shown, scheme: str) -> None:
    viewport = DESKTOP if scheme == "light" else PHONE
    context = browser.new_context(
        base_url=system.url, viewport=viewport, locale="en-GB", color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    if shown.signed_in:
        open_session(page)
    shown.show(page)
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]})
    complaints = [(each["id"], each["nodes"][0]["html"][:200]) for each in found.response["violations"]]
    context.close()
    assert complaints == []
