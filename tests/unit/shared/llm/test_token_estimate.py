"""Estimate of tokens where no count is known, for the cost of interrupted calls.

Its accuracy: `tests/contract/bedrock/test_estimates.py`.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.llm.token_estimate import estimate


def test_an_empty_text_has_no_tokens() -> None:
    assert estimate("") == 0


@pytest.mark.parametrize("text", ["a", " ", "한", "!", "\n", "\x00", "\u0301"])
def test_any_other_text_has_at_least_one_token(text: str) -> None:
    assert estimate(text) == 1


def test_a_word_with_the_blank_before_it_is_one_token() -> None:
    assert estimate("the quick brown fox") == 4


@pytest.mark.parametrize(("letters", "tokens"), [(8, 1), (9, 2), (12, 2), (13, 3), (4008, 1001)])
def test_a_long_word_has_several_tokens(letters: int, tokens: int) -> None:
    assert estimate("x" * letters) == tokens


def test_words_with_accents_are_estimated_like_others() -> None:
    assert estimate("der Hafen für große Schiffe à côté") == 7


@pytest.mark.parametrize(("text", "tokens"), [("7", 1), ("42", 1), ("2026", 2), ("10.5", 3)])
def test_two_digits_are_one_token(text: str, tokens: int) -> None:
    assert estimate(text) == tokens


def test_each_punctuation_mark_is_a_token() -> None:
    assert estimate("| a | b |") == 5
    assert estimate("f(x) = {};") == 8


@pytest.mark.parametrize(("text", "tokens"), [("a\nb", 3), ("a\n\n    b", 3), ("a  b", 3), ("a b", 2)])
def test_a_line_break_and_its_indentation_are_one_token_and_a_single_blank_is_none(text: str, tokens: int) -> None:
    assert estimate(text) == tokens


def test_other_scripts_have_about_two_characters_per_token() -> None:
    assert estimate("안녕하세요" * 200) == pytest.approx(1000 / 1.8, rel=0.01)


@given(st.text(), st.text())
def test_appending_text_never_lowers_the_estimate(text: str, more: str) -> None:
    assert estimate(text) <= estimate(text + more)
