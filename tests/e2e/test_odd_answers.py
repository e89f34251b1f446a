"""Odd answers and refusals in the browser: each end says why, and the conversation goes on."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.person import answers, send_message, sign_in, wait_for_end

QUICK = "ttft=0 gap=0 tokens=12"


def hi_is_answered(page: Page) -> None:
    """Send a plain message and wait for its answer."""
    before = answers(page).count()
    send_message(page, f"hi [[{QUICK}]]")
    expect(answers(page)).to_have_count(before + 1)
    wait_for_end(page)
    expect(answers(page).last.locator(".prose")).to_have_text(re.compile(r"\w+"))


ENDINGS = {
    "max_tokens": "length limit",
    "content_filtered": "declined",
    "guardrail_intervened": "declined",
    "model_context_window_exceeded": "window is full",
    "malformed_model_output": "damaged",
}


def test_an_answer_says_why_it_ended_and_the_conversation_goes_on(page: Page) -> None:
    sign_in(page)
    for count, (reason, words) in enumerate(ENDINGS.items(), start=1):
        send_message(page, f"Tell me [[stop={reason} {QUICK}]]")
        expect(answers(page)).to_have_count(count)
        wait_for_end(page)
        expect(answers(page).last).to_contain_text(words)
    hi_is_answered(page)


def test_a_refused_question_is_marked_and_the_next_one_is_answered(page: Page) -> None:
    sign_in(page)
    send_message(page, "[[poison=invalid]] Read this")
    expect(page.get_by_text("Not sent again: the model refused it")).to_be_visible()
    hi_is_answered(page)
    page.reload()
    expect(page.get_by_text("Not sent again: the model refused it")).to_be_visible()


def test_a_poisoned_answer_is_left_out_and_the_page_says_so(page: Page) -> None:
    sign_in(page)
    send_message(page, 'Say it [[text="\\u005b[poison=invalid]]" ttft=0 gap=0]]')
    wait_for_end(page)
    hi_is_answered(page)
    expect(answers(page).last).to_contain_text("Only this message was sent.")


def test_an_answer_without_a_word_is_a_failure_with_a_reason(page: Page) -> None:
    sign_in(page)
    send_message(page, 'Say nothing [[text="\\n" ttft=0 gap=0]]')
    expect(page.get_by_text("The model ended without an answer.")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
