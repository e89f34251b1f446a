"""Tokens estimated where nobody has counted them: near enough for a bill of what broke off.

How near to a real tokenizer: `tests/contract/bedrock/test_estimates.py`.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.llm.token_estimate import estimate


def test_nothing_costs_nothing() -> None:
    assert estimate("") == 0


@pytest.mark.parametrize("text", ["a", " ", "한", "!", "\n", "\x00", "\u0301"])
def test_the_least_is_one_token(text: str) -> None:
    assert estimate(text) == 1


def test_a_word_is_a_token_together_with_the_blank_before_it() -> None:
    assert estimate("the quick brown fox") == 4


@pytest.mark.parametrize(("letters", "tokens"), [(8, 1), (9, 2), (12, 2), (13, 3), (4008, 1001)])
def test_a_long_word_takes_several_and_what_is_no_word_many(letters: int, tokens: int) -> None:
    assert estimate("x" * letters) == tokens


def test_words_with_accents_are_words() -> None:
    assert estimate("der Hafen für große Schiffe à côté") == 7


@pytest.mark.parametrize(("text", "tokens"), [("7", 1), ("42", 1), ("2026", 2), ("10.5", 3)])
def test_digits_come_in_pairs(text: str, tokens: int) -> None:
    assert estimate(text) == tokens


def test_every_sign_is_a_token_so_that_a_table_costs_what_it_costs() -> None:
    assert estimate("| a | b |") == 5
    assert estimate("f(x) = {};") == 8


@pytest.mark.parametrize(("text", "tokens"), [("a\nb", 3), ("a\n\n    b", 3), ("a  b", 3), ("a b", 2)])
def test_a_line_break_and_its_indentation_are_one_token_and_a_single_blank_is_none(text: str, tokens: int) -> None:
    assert estimate(text) == tokens


def test_other_scripts_come_to_about_two_characters_a_token() -> None:
    assert estimate("안녕하세요" * 200) == pytest.approx(1000 / 1.8, rel=0.01)


@given(st.text(), st.text())
def test_more_text_is_never_fewer_tokens(text: str, more: str) -> None:
    assert estimate(text) <= estimate(text + more)
