"""The domain values of chat: frames, turns, messages and problems."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.chat.domain import ENDINGS, TERMINAL, Message, ReasoningBlock, TextBlock, Turn, frame, plain_text
from services.chat.domain.frames import Frame
from services.chat.turns.finish import turn_problem
from shared.http.problems.statuses import STATUSES
from shared.problems import KINDS
from tests.fakes.clock import START

TURN = {
    "id": "t", "conversation_id": "c", "owner_id": "ann", "user_message_id": "u", "message_id": "m", "model": "x",
    "lease_until": 0, "deadline": 0, "created_at": START,
}  # fmt: skip


def test_a_frame_holds_its_data_as_json_in_one_line() -> None:
    delta = frame(7, "message.delta", {"text": "Hé\nyou"}, 2)
    assert (delta.seq, delta.event, delta.data) == (7, "message.delta", '{"text":"Hé\\nyou"}')
    assert (delta.text(), delta.attempt, delta.ends) == ("Hé\nyou", 2, False)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_text_is_encoded_as_one_line_of_data(text: str) -> None:
    delta = frame(1, "message.delta", {"text": text}, 1)
    assert "\n" not in delta.data
    assert "\r" not in delta.data
    assert delta.text() == json.loads(delta.data)["text"] == text


@pytest.mark.parametrize("event", ["turn.completed", "turn.cancelled", "turn.failed"])
def test_the_terminal_events_end_a_turn(event: str) -> None:
    assert Frame(1, event, "{}", 1).ends
    assert event in ENDINGS


@pytest.mark.parametrize("event", ["turn.started", "turn.resumed", "turn.restarted", "usage", "message.delta"])
def test_no_other_event_ends_a_turn(event: str) -> None:
    assert not Frame(1, event, "{}", 1).ends


@pytest.mark.parametrize("state", ["running", "awaiting_tools", "completed", "failed", "cancelled"])
def test_a_turn_has_ended_in_a_terminal_state(state: str) -> None:
    assert Turn.model_validate(TURN | {"state": state}).ended == (state in TERMINAL)


def test_plain_text_contains_the_text_blocks_only() -> None:
    assert plain_text([ReasoningBlock(text="Hm"), TextBlock(text="Yes"), TextBlock(text=".")]) == "Yes."


def test_content_blocks_are_parsed_by_their_type() -> None:
    fields = {"id": "m", "conversation_id": "c", "parent_id": None, "role": "user", "created_at": START}
    read = Message.model_validate(fields | {"content": [{"type": "reasoning", "text": "Hm", "signature": "s"}]})
    assert read.content == [ReasoningBlock(text="Hm", signature="s")]
    with pytest.raises(ValidationError):
        Message.model_validate(fields | {"content": [{"type": "video", "url": "x"}]})


@pytest.mark.parametrize("slug", KINDS)
def test_every_problem_of_the_registry_can_end_a_turn(slug: str) -> None:
    problem = turn_problem(slug, "turn_1", "Why.")
    assert (problem.slug, problem.status, problem.retryable) == (slug, STATUSES[slug], KINDS[slug].retryable)
    assert problem.detail == "Why."
