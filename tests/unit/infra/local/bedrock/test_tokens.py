from hypothesis import given
from hypothesis import strategies as st

from infra.local.bedrock import tokens
from infra.local.bedrock.scripted import sample_texts


@given(st.text())
def test_the_tokens_of_a_text_joined_are_the_text(text: str) -> None:
    assert "".join(tokens.split(text)) == text


@given(st.text())
def test_the_count_is_the_number_of_tokens(text: str) -> None:
    assert tokens.count(text) == len(tokens.split(text))


def test_a_blank_belongs_to_the_word_after_it() -> None:
    assert tokens.split("to be, or 12345") == ["to", " be", ",", " or", " 123", "45"]


def test_tokens_are_about_as_long_as_those_of_real_tokenizers() -> None:
    english, korean = " ".join(sample_texts.ENGLISH), " ".join(sample_texts.KOREAN)
    assert 4 < len(english) / tokens.count(english) < 5
    assert 1.5 < len(korean) / tokens.count(korean) < 2.5
