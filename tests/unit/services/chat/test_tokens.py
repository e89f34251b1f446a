"""Tokens estimated where nobody has counted them: near enough for a bill of what broke off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chat.tokens import estimate


def test_nothing_costs_nothing() -> None:
    assert estimate("") == 0


@pytest.mark.parametrize("text", ["a", " ", "한", "!"])
def test_the_least_is_one_token(text: str) -> None:
    assert estimate(text) == 1


def test_latin_text_comes_to_about_four_characters_a_token() -> None:
    assert estimate("The quick brown fox jumps over the lazy dog." * 100) == pytest.approx(4400 / 4.2, rel=0.01)


def test_other_scripts_come_to_about_two_characters_a_token() -> None:
    assert estimate("안녕하세요" * 200) == pytest.approx(1000 / 1.8, rel=0.01)


@given(st.text(), st.text())
def test_more_text_is_never_fewer_tokens(text: str, more: str) -> None:
    assert estimate(text) <= estimate(text + more)
