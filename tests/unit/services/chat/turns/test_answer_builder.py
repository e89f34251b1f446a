"""Answer builder: the stored content is what was streamed."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.chat.domain import ReasoningBlock, TextBlock
from services.chat.stream.replay import TurnProgress
from services.chat.turns.answer_builder import AnswerBuilder
from shared.catalogue import Usage
from shared.llm.port import (
    ModelEvent,
    ReasoningDelta,
    ReasoningSignature,
    Stopped,
    TextDelta,
    ToolInputDelta,
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


def test_a_signature_without_reasoning_is_ignored() -> None:
    answer, _ = answered(ReasoningSignature("sig"), TextDelta("Yes"))
    assert answer.content() == [TextBlock(text="Yes")]


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
