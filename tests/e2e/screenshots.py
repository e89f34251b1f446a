"""`make screenshots`: every page on desktop and phone, light and dark, English and Korean, as contact sheets."""

import html
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from infra.local.suites.table import find_chromium
from tests.e2e.conftest import ARGUMENTS, DESKTOP, NO_BROWSER, PHONE, running_local_system
from tests.e2e.pages import PAGES, open_session
from tests.ports import free_port
from tests.stack import ROOT

FOLDER = ROOT / "build" / "screenshots"
LOOKS = [
    (device, scheme, locale)
    for device in ("desktop", "phone")
    for scheme in ("light", "dark")
    for locale in ("en-GB", "ko-KR")
]


def main() -> None:
    if (program := find_chromium()) is None:
        sys.exit(f"make screenshots: {NO_BROWSER}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    state = Path(tempfile.mkdtemp())
    with (
        running_local_system(state / "state", free_port(), state / "up.log") as system,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        for device, scheme, locale in LOOKS:
            names = _take(browser, system.url, device, scheme, locale)
            _sheet(browser, f"{device}-{scheme}-{locale[:2]}", names, device)
        browser.close()


def _take(browser: Browser, url: str, device: str, scheme: str, locale: str) -> list[str]:
    viewport = DESKTOP if device == "desktop" else PHONE
    names: list[str] = []
    for page_case in PAGES:
        context = browser.new_context(
            base_url=url, viewport=viewport, locale=locale, color_scheme=scheme, reduced_motion="reduce"
        )
        page = context.new_page()
        if page_case.signed_in:
            open_session(page)
        page_case.show(page)
        name = f"{page_case.name}-{device}-{scheme}-{locale[:2]}.png"
        page.screenshot(path=FOLDER / name)
        names.append(name)
        context.close()
    return names


def _sheet(browser: Browser, name: str, pictures: list[str], device: str) -> None:
    columns, width = (3, 620) if device == "desktop" else (5, 300)
    figures = "".join(
        f'<figure><img src="{html.escape(each)}" width="{width}"><figcaption>{html.escape(each)}</figcaption></figure>'
        for each in pictures
    )
    sheet = FOLDER / f"sheet-{name}.html"
    sheet.write_text(
        f"<style>body{{display:grid;grid-template-columns:repeat({columns},{width}px);gap:16px;margin:16px;"
        f"font:12px sans-serif;background:#888}}figure{{margin:0}}img{{display:block}}</style>{figures}"
    )
    page = browser.new_page(viewport={"width": columns * (width + 16) + 32, "height": 800})
    page.goto(sheet.as_uri())
    page.screenshot(path=FOLDER / f"sheet-{name}.png", full_page=True)
    page.close()
    sheet.unlink()
    print(f"build/screenshots/sheet-{name}.png", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
