"""Every page of the web client in a typical state, for screenshots and accessibility tests."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, Route, expect

MARKDOWN = "Show me what you can write [[kind=markdown ttft=0 gap=0 tokens=220]]"
CODE = "Write code [[kind=code ttft=0 gap=0 tokens=160]]"
TABLE = "Make a table [[kind=table ttft=0 gap=0 tokens=160]]"
THINK = "Think about it [[reasoning=60 ttft=0 gap=0 tokens=60]]"
STREAMING = "Talk slowly [[ttft=0 gap=150 tokens=300]]"
TOOL = 'Calculate [[tool=calculator:{"expression":"6*7"} tool=calculator:{"expression":"1/0"} ttft=0 gap=0]]'
PREPARING = 'Calculate slowly [[tokens=12 tool=calculator:{"expression":"(6*7)^2 - 1764 / 4"} ttft=0 gap=400]]'
FAILED = "Trouble [[fault=reset after=30 gap=0 ttft=0 tokens=60]]"


@dataclass(frozen=True)
class PageCase:
    name: str
    show: Callable[[Page], None]
    signed_in: bool = True


def _at(path: str) -> Callable[[Page], None]:
    def show(page: Page) -> None:
        page.goto(path)
        page.wait_for_load_state("networkidle")

    return show


HOSTED = {
    "domain": "https://example.auth.us-east-1.amazoncognito.com",
    "providers": [{"name": "Google", "title": "Google"}, {"name": "OIDC", "title": "Acme"}],
}


def _with_providers(path: str) -> Callable[[Page], None]:
    """The page with identity providers in its configuration; no provider is contacted."""

    def add_providers(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(
            response=answer, json=answer.json() | {"hosted_sign_in": HOSTED, "features": {"self_sign_up": False}}
        )

    def show(page: Page) -> None:
        page.route("**/config.json", add_providers)
        _at(path)(page)
        page.unroute("**/config.json")

    return show


def _after_asking(*texts: str, ended: bool = True) -> Callable[[Page], None]:
    def show(page: Page) -> None:
        page.goto("/")
        for number, text in enumerate(texts, start=1):
            box = page.locator("[data-composer]")
            expect(box).to_be_visible()
            box.fill(text)
            box.press("Enter")
            expect(page.locator("article")).to_have_count(2 * number, timeout=30_000)
            if ended:
                expect(page.locator("article[aria-busy=true]")).to_have_count(0, timeout=30_000)
            else:
                expect(page.locator("article").last).to_contain_text(re.compile(r"\w+ \w+ \w+ \w+"))

    return show


def _ask_with_tools(page: Page, text: str) -> None:
    page.goto("/")
    toggle = page.locator("button[aria-pressed]:has(.lucide-wrench)")
    expect(toggle).to_be_visible()
    if toggle.get_attribute("aria-pressed") == "false":
        toggle.click()
    box = page.locator("[data-composer]")
    box.fill(text)
    box.press("Enter")


def _show_tool_preparation(page: Page) -> None:
    """A tool call whose input is still being streamed, with its details open."""
    _ask_with_tools(page, PREPARING)
    input_text = page.locator("article[aria-busy=true] summary code")
    expect(input_text).to_contain_text("6*7", timeout=30_000)
    page.locator("article summary").click()


def _show_tool_result(page: Page) -> None:
    """A tool call with its result, with its details open."""
    _ask_with_tools(page, TOOL)
    expect(page.locator("article summary").nth(1)).to_be_visible(timeout=30_000)
    expect(page.locator("article[aria-busy=true]")).to_have_count(0, timeout=30_000)
    page.locator("article summary").first.click()


def _keys(keys: str) -> Callable[[Page], None]:
    def show(page: Page) -> None:
        page.goto("/")
        expect(page.locator("[data-composer]")).to_be_visible()
        page.locator("body").click(position={"x": 640 if page.viewport_size["width"] > 600 else 200, "y": 60})
        page.keyboard.press(keys)
        expect(page.get_by_role("dialog")).to_be_visible()

    return show


PAGES = (
    PageCase("sign-in", _at("/"), signed_in=False),
    PageCase("sign-in-providers", _with_providers("/"), signed_in=False),
    PageCase("sign-in-refused", _with_providers("/?error=access_denied&state=of-somebody-else"), signed_in=False),
    PageCase("sign-up", _at("/sign-up"), signed_in=False),
    PageCase("forgotten-password", _at("/forgot"), signed_in=False),
    PageCase("new-chat", _at("/")),
    PageCase("answer-markdown", _after_asking(MARKDOWN)),
    PageCase("answer-code", _after_asking(CODE)),
    PageCase("answer-table", _after_asking(TABLE)),
    PageCase("reasoning", _after_asking(THINK)),
    PageCase("tool-preparing", _show_tool_preparation),
    PageCase("tools", _show_tool_result),
    PageCase("streaming", _after_asking(STREAMING, ended=False)),
    PageCase("failed", _after_asking(FAILED)),
    PageCase("usage", _at("/usage")),
    PageCase("palette", _keys("Control+k")),
    PageCase("not-found", _at("/c/conv_01ARZ3NDEKTSV4RRFFQ69G5FAV")),
)


def open_session(page: Page) -> None:
    """Sign in, independent of the language of the page."""
    page.goto("/")
    if page.locator("[data-composer]").count() == 0:
        expect(page.locator("input[name=email]").or_(page.locator("[data-composer]"))).to_be_visible()
    if page.locator("input[name=email]").count():
        page.locator("input[name=email]").fill("user@example.com")
        page.locator("input[name=password]").fill("Demo-pass-1")
        page.locator("button[type=submit]").click()
    expect(page.locator("[data-composer]")).to_be_visible()
