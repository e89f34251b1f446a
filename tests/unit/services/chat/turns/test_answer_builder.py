"""Answer builder: the stored content is what was streamed."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chat.domain import ContextRecord, ReasoningBlock, TextBlock, ToolCallBlock
from services.chat.stream.replay import TurnProgress
from services.chat.turns.answer_builder import AnswerBuilder
from shared.catalogue import Usage
from shared.llm.port import (
    BrokenToolUse,
    ModelEvent,
    ReasoningDelta,
    ReasoningSignature,
    RedactedReasoning,
    Stopped,
    TextDelta,
    ToolInputDelta,
    ToolSpec,
    ToolUse,
    UsageReported,
)


class FakeWriter:
    """Records the deltas that it is given."""

    def __init__(self) -> None:
        self.deltas: list[tuple[str, str]] = []
        self.data: list[dict[str, Any]] = []

    def delta(self, event: str, text: str, **data: Any) -> None:
        self.deltas.append((event, text))
        self.data.append(data)


def answered(*events: ModelEvent) -> tuple[AnswerBuilder, Any]:
    answer, writer = AnswerBuilder(TurnProgress()), FakeWriter()
    for event in events:
        answer.add(event, writer)  # type: ignore[arg-type]
    return answer, writer


def test_no_events_make_no_content() -> None:
    answer, _ = answered()
    assert (answer.content(), answer.raw_text(), answer.has_begun, answer.usage, answer.stop_reason) == (
        [], "", False, None, None,
    )  # fmt: skip


def test_deltas_of_one_kind_make_one_block() -> None:
    answer, writer = answered(TextDelta("Hello"), TextDelta(" there"))
    assert answer.content() == [TextBlock(text="Hello there")]
    assert writer.deltas == [("message.delta", "Hello"), ("message.delta", " there")]


def test_reasoning_and_text_make_alternating_blocks() -> None:
    answer, writer = answered(ReasoningDelta("Hm"), ReasoningSignature("sig"), TextDelta("Yes"), ReasoningDelta("Or?"))
    assert answer.content() == [
        ReasoningBlock(text="Hm", signature="sig"),
        TextBlock(text="Yes"),
        ReasoningBlock(text="Or?"),
    ]
    assert [event for event, _ in writer.deltas] == ["reasoning.delta", "message.delta", "reasoning.delta"]


def test_a_signature_is_stored_but_not_streamed() -> None:
    _, writer = answered(ReasoningDelta("Hm"), ReasoningSignature("sig"))
    assert writer.deltas == [("reasoning.delta", "Hm")]


def test_a_signature_without_text_is_a_reasoning_block() -> None:
    """Some models send their reasoning as a signature only, and must get it back."""
    answer, _ = answered(ReasoningSignature("sig", 0), TextDelta("Yes", 1))
    assert answer.content() == [ReasoningBlock(text="", signature="sig"), TextBlock(text="Yes")]


def test_blocks_keep_their_order_and_borders() -> None:
    use, later = ToolUse("now", {}, 3), ToolUse("now", {"zone": "UTC"}, 5)
    answer, _ = answered(
        ReasoningDelta("a", 0), ReasoningSignature("s0", 0), ReasoningDelta("b", 1), ReasoningSignature("s1", 1),
        RedactedReasoning("c2VjcmV0", 2), use, ReasoningSignature("s4", 4), later,
    )  # fmt: skip
    first = ToolCallBlock(call_id="1", name="now", input={})
    second = ToolCallBlock(call_id="2", name="now", input={"zone": "UTC"})
    assert answer.blocks([first, second]) == [
        ReasoningBlock(text="a", signature="s0"), ReasoningBlock(text="b", signature="s1"),
        ReasoningBlock(text="", redacted="c2VjcmV0"), first, ReasoningBlock(text="", signature="s4"),
        second,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("uses", "reason", "wants"),
    [
        ([ToolUse("now", {})], "tool_use", True),
        ([ToolUse("now", {})], "end_turn", True),
        ([], "tool_use", False),
        ([BrokenToolUse("now")], "tool_use", True),
        ([BrokenToolUse("now")], "max_tokens", False),
        ([ToolUse("now", {})], "max_tokens", True),
        ([ToolUse("now", {}), BrokenToolUse("now")], "model_context_window_exceeded", False),
        ([ToolUse("now", {})], "guardrail_intervened", False),
        ([ToolUse("now", {})], "content_filtered", False),
        ([ToolUse("now", {})], "refusal", False),
    ],
)
def test_the_calls_decide_whether_tools_are_called(uses: list[ModelEvent], reason: str, wants: bool) -> None:
    answer, _ = answered(*uses, Stopped(reason))
    assert not answer.wants_tools  # no tools were offered
    answer.record = ContextRecord(tools=[ToolSpec("now", "The time.", {"type": "object"})])
    assert answer.wants_tools is wants


@pytest.mark.parametrize(("text", "nothing"), [("", True), (" \n", True), ("Hi", False)])
def test_an_answer_without_a_visible_word_says_nothing(text: str, nothing: bool) -> None:
    answer, _ = answered(ReasoningDelta("Hm", 0), TextDelta(text, 1))
    assert answer.says_nothing is nothing


def test_the_stop_reason_and_the_usage_are_kept() -> None:
    answer, writer = answered(TextDelta("x"), Stopped("max_tokens"), UsageReported(Usage(output_tokens=3)))
    assert (answer.stop_reason, answer.usage) == ("max_tokens", Usage(output_tokens=3))
    assert len(writer.deltas) == 1


def test_tool_input_is_streamed_and_counts_as_output_but_is_no_content() -> None:
    asked = ToolUse("now", {"zone": "UTC"})
    pieces = [ToolInputDelta(0, "", "now"), ToolInputDelta(0, '{"zone":'), ToolInputDelta(0, '"UTC"}')]
    answer, writer = answered(TextDelta("Let me see."), *pieces, asked)
    assert answer.raw_text() == 'Let me see.now{"zone":"UTC"}'
    assert answer.content() == [TextBlock(text="Let me see.")]
    assert answer.tool_uses == [asked]
    shown = [("tool.delta", ""), ("tool.delta", '{"zone":'), ("tool.delta", '"UTC"}')]
    assert writer.deltas == [("message.delta", "Let me see."), *shown]
    assert writer.data == [{}, {"index": 0, "name": "now"}, {"index": 0}, {"index": 0}]


def test_partial_tool_input_counts_as_output() -> None:
    assert answered(ToolInputDelta(0, "", "now"), ToolInputDelta(0, '{"zo'))[0].raw_text() == 'now{"zo'


def test_any_first_event_begins_the_answer() -> None:
    assert answered(UsageReported(Usage()))[0].has_begun


@given(st.lists(st.one_of(st.builds(TextDelta, st.text(min_size=1)), st.builds(ReasoningDelta, st.text(min_size=1)))))
def test_the_content_is_all_deltas_joined(events: list[TextDelta | ReasoningDelta]) -> None:
    answer, writer = answered(*events)
    for kind, event in ((TextBlock, "message.delta"), (ReasoningBlock, "reasoning.delta")):
        text = "".join(block.text for block in answer.content() if isinstance(block, kind))
        assert text == "".join(delta for name, delta in writer.deltas if name == event)
    assert answer.raw_text() == "".join(event.text for event in events)
    kinds = [block.type for block in answer.content()]
    assert all(first != second for first, second in pairwise(kinds))
