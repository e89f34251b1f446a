"""Chat in the browser: questions, answers, and recovery after lost tabs, connections and processes."""

import re

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import LocalSystem
from tests.e2e.person import answers, composer, last_answer, send_message, sign_in, wait_for_end
from tests.e2e.processes import kill

LONG = "Tell me at length [[ttft=100 gap=60 tokens=100]]"
SHORT = "Tell me briefly [[ttft=50 gap=10 tokens=20]]"


def test_an_answer_has_tokens_and_price_and_its_conversation_a_title(page: Page) -> None:
    sign_in(page)
    send_message(page, "Where do mountains sleep? [[ttft=100 gap=20 tokens=40]]")
    expect(page.get_by_role("button", name="Stop answering")).to_be_visible()
    wait_for_end(page)
    assert len(last_answer(page)) > 60
    expect(page.get_by_text("$").last).to_be_visible()
    drawer = page.get_by_role("navigation", name="Conversations")
    expect(drawer.get_by_text("Where do mountains sleep").first).to_be_visible()


def test_a_reload_within_the_answer_loses_nothing(page: Page) -> None:
    sign_in(page)
    send_message(page, LONG)
    expect(answers(page).last).to_contain_text(re.compile(r"\w+ \w+ \w+"))
    page.reload()
    expect(page.get_by_role("button", name="Stop answering")).to_be_visible()
    wait_for_end(page)
    shown = answers(page).last.locator(".prose").inner_text()
    page.reload()
    expect(answers(page).last.locator(".prose")).to_have_text(shown, use_inner_text=True)


def test_a_second_tab_follows_the_same_answer(page: Page, context: BrowserContext) -> None:
    sign_in(page)
    send_message(page, LONG)
    expect(page).to_have_url(re.compile(r"/conv_"))
    expect(answers(page).last).to_contain_text(re.compile(r"\w+ \w+ \w+"))
    second = context.new_page()
    second.goto(page.url)
    expect(second.get_by_role("button", name="Stop answering")).to_be_visible()
    wait_for_end(second)
    wait_for_end(page)
    assert answers(second).last.locator(".prose").inner_text() == answers(page).last.locator(".prose").inner_text()


def test_stopping_keeps_the_text_so_far(page: Page) -> None:
    sign_in(page)
    send_message(page, LONG)
    expect(answers(page).last).to_contain_text(re.compile(r"\w+ \w+ \w+"))
    page.get_by_role("button", name="Stop answering").click()
    expect(page.get_by_text("Stopped", exact=True)).to_be_visible()
    shown = answers(page).last.locator(".prose").inner_text()
    assert shown
    page.reload()
    expect(answers(page).last.locator(".prose")).to_have_text(shown, use_inner_text=True)


def test_a_failed_answer_shows_the_reason_and_can_be_repeated(page: Page) -> None:
    sign_in(page)
    send_message(page, "Trouble [[fault=stream-throttled after=3 times=1 ttft=0 gap=0 tokens=10]]")
    expect(page.get_by_text("The model is busy right now.")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    wait_for_end(page)
    expect(page.get_by_role("article", name="You said")).to_have_count(1)


def test_the_page_recovers_from_a_lost_connection_without_a_click(page: Page, system: LocalSystem) -> None:
    sign_in(page)
    send_message(page, LONG)
    expect(answers(page).last).to_contain_text(re.compile(r"\w+ \w+ \w+"))
    kill(system, "infra.local.gateway")
    wait_for_end(page)
    shown = answers(page).last.locator(".prose").inner_text()
    page.reload()
    expect(answers(page).last.locator(".prose")).to_have_text(shown, use_inner_text=True)


def test_the_page_recovers_from_a_killed_chat_process_without_a_click(page: Page, system: LocalSystem) -> None:
    sign_in(page)
    send_message(page, LONG)
    expect(answers(page).last).to_contain_text(re.compile(r"\w+ \w+ \w+"))
    kill(system, "services.chat")
    wait_for_end(page)
    expect(page.get_by_role("article", name="You said")).to_have_count(1)
    expect(answers(page)).to_have_count(1)
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    shown = answers(page).last.locator(".prose").inner_text()
    page.reload()
    expect(answers(page).last.locator(".prose")).to_have_text(shown, use_inner_text=True)


def test_a_message_sent_while_the_service_is_down_arrives_without_a_click(page: Page, system: LocalSystem) -> None:
    sign_in(page)
    kill(system, "services.chat")
    send_message(page, SHORT)
    wait_for_end(page)
    expect(page.get_by_role("article", name="You said")).to_have_count(1)
    expect(answers(page)).to_have_count(1)


def test_an_answer_shows_input_and_result_of_a_tool(page: Page) -> None:
    sign_in(page)
    page.get_by_role("button", name=re.compile("Use tools")).click()
    send_message(page, 'How much? [[tool=calculator:{"expression":"6*7"} ttft=0 gap=100]]')
    expect(answers(page).get_by_text("Preparing calculator…")).to_be_visible()
    expect(answers(page).get_by_text("Used calculator")).to_be_visible()
    wait_for_end(page)
    page.reload()
    answers(page).get_by_text("Used calculator").click()
    expect(answers(page).get_by_role("region", name="Input")).to_contain_text("6*7")
    expect(answers(page).get_by_role("region", name="Result")).to_contain_text("42")
    expect(page.get_by_role("button", name=re.compile("Use tools"))).to_have_attribute("aria-pressed", "true")


def test_an_edited_question_is_a_branch_beside_the_old_one(page: Page) -> None:
    sign_in(page)
    send_message(page, SHORT)
    wait_for_end(page)
    page.get_by_role("article", name="You said").hover()
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_role("textbox", name="Edit your message").fill(f"Otherwise. {SHORT}")
    page.get_by_role("button", name="Send edited message").click()
    wait_for_end(page)
    expect(page.get_by_text("Otherwise.", exact=False).first).to_be_visible()
    page.get_by_role("button", name="Previous version").first.click()
    expect(page.get_by_role("article", name="You said")).to_have_text(re.compile("^Tell me briefly"))


def test_a_draft_survives_a_reload(page: Page) -> None:
    sign_in(page)
    composer(page).fill("Not yet sent")
    page.reload()
    expect(composer(page)).to_have_value("Not yet sent")


def test_a_conversation_is_renamed_and_deleted_from_the_drawer(page: Page) -> None:
    sign_in(page, "maker@example.com")
    send_message(page, "To be renamed [[ttft=0 gap=0 tokens=5]]")
    wait_for_end(page)
    drawer = page.get_by_role("navigation", name="Conversations")
    drawer.get_by_role("button", name=re.compile("Options for “To be renamed")).first.click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_role("textbox", name="New title").fill("Renamed")
    page.keyboard.press("Enter")
    expect(drawer.get_by_text("Renamed", exact=True)).to_be_visible()
    drawer.get_by_role("button", name="Options for “Renamed”").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("button", name="Delete conversation").click()
    expect(drawer.get_by_text("Renamed", exact=True)).to_have_count(0)


def test_the_usage_page_shows_the_models_used(page: Page) -> None:
    sign_in(page)
    send_message(page, SHORT)
    wait_for_end(page)
    page.goto("/usage")
    expect(page.get_by_role("table").first).to_contain_text("scripted", ignore_case=True)
