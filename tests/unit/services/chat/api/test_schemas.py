"""What the API takes from people, and what it shows."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from services.chat.api.schemas import (
    ConversationChange,
    NewAnswer,
    NewConversation,
    NewMessage,
    NewText,
    TurnView,
)
from services.chat.domain import TextBlock


def text(words: str) -> dict[str, str]:
    return {"type": "text", "text": words}


@pytest.mark.parametrize("words", ["Hello", " indented\n", "한국어", "\u200b", "x" * 400_000])
def test_a_message_may_be_any_words(words: str) -> None:
    assert NewText(type="text", text=words).block() == TextBlock(text=words)


@pytest.mark.parametrize("words", ["", " ", "\n\t", "\x1c", " \x1d\x1e\n\x1f", "\x85\xa0\u3000", "x" * 400_001])
def test_a_message_without_a_word_or_with_too_many_is_refused(words: str) -> None:
    with pytest.raises(ValidationError):
        NewText(type="text", text=words)


@pytest.mark.parametrize(
    "body",
    [
        {"content": []},
        {"content": [text("x")] * 21},
        {"content": [{"type": "reasoning", "text": "x"}]},
        {"content": [text("x") | {"signature": "s"}]},
        {"content": [text("x")], "role": "assistant"},
        {"content": [text("x")], "parent_id": "conv_01J00000000000000000000000"},
        {"content": [text("x")], "parent_id": "latest"},
        {"content": [text("x")], "model": "../etc"},
        {"content": [text("x")], "model": ""},
    ],
)
def test_a_message_is_strict(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        NewMessage.model_validate(body)


def test_a_parent_left_out_is_not_the_same_as_none() -> None:
    left_out, none = (
        NewMessage(content=[NewText(**text("x"))]),
        NewMessage(content=[NewText(**text("x"))], parent_id=None),
    )
    assert "parent_id" not in left_out.model_fields_set
    assert "parent_id" in none.model_fields_set


@pytest.mark.parametrize("model", [NewConversation, NewAnswer, ConversationChange])
def test_unknown_members_are_refused(model: type[BaseModel]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate({"title": "x", "owner_id": "bob"})


def test_a_title_is_stripped_and_neither_empty_nor_endless() -> None:
    assert ConversationChange(title="  Trip ").title == "Trip"
    for title in ("", "   ", "x" * 201):
        with pytest.raises(ValidationError):
            ConversationChange(title=title)


def test_a_conversation_may_be_opened_without_a_title() -> None:
    assert NewConversation().title is None


def test_a_view_shows_no_more_than_it_names() -> None:
    assert {"owner_id", "principal_kind", "lease_until", "deadline", "traceparent"}.isdisjoint(TurnView.model_fields)
