"""The request bodies that the API accepts and the views that it returns."""

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


def text_block(value: str) -> dict[str, str]:
    return {"type": "text", "text": value}


@pytest.mark.parametrize("value", ["Hello", " indented\n", "한국어", "\u200b", "x" * 400_000])
def test_any_text_is_a_message(value: str) -> None:
    assert NewText(type="text", text=value).block() == TextBlock(text=value)


@pytest.mark.parametrize("value", ["", " ", "\n\t", "\x1c", " \x1d\x1e\n\x1f", "\x85\xa0\u3000", "x" * 400_001])
def test_a_blank_or_too_long_text_is_refused(value: str) -> None:
    with pytest.raises(ValidationError):
        NewText(type="text", text=value)


@pytest.mark.parametrize(
    "body",
    [
        {"content": []},
        {"content": [text_block("x")] * 21},
        {"content": [{"type": "reasoning", "text": "x"}]},
        {"content": [text_block("x") | {"signature": "s"}]},
        {"content": [text_block("x")], "role": "assistant"},
        {"content": [text_block("x")], "parent_id": "conv_01J00000000000000000000000"},
        {"content": [text_block("x")], "parent_id": "latest"},
        {"content": [text_block("x")], "model": "../etc"},
        {"content": [text_block("x")], "model": ""},
    ],
)
def test_an_invalid_message_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        NewMessage.model_validate(body)


def test_an_omitted_parent_differs_from_none() -> None:
    left_out, none = (
        NewMessage(content=[NewText(**text_block("x"))]),
        NewMessage(content=[NewText(**text_block("x"))], parent_id=None),
    )
    assert "parent_id" not in left_out.model_fields_set
    assert "parent_id" in none.model_fields_set


@pytest.mark.parametrize("model", [NewConversation, NewAnswer, ConversationChange])
def test_unknown_members_are_refused(model: type[BaseModel]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate({"title": "x", "owner_id": "bob"})


def test_a_title_is_stripped_and_must_not_be_blank_or_too_long() -> None:
    assert ConversationChange(title="  Trip ").title == "Trip"
    for title in ("", "   ", "x" * 201):
        with pytest.raises(ValidationError):
            ConversationChange(title=title)


def test_a_conversation_may_be_opened_without_a_title() -> None:
    assert NewConversation().title is None


def test_a_view_has_only_the_fields_that_it_declares() -> None:
    assert {"owner_id", "principal_kind", "lease_until", "deadline", "traceparent"}.isdisjoint(TurnView.model_fields)
