"""The answer as it grows: what is kept is what was said."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.chat.domain import ReasoningBlock, TextBlock
from services.chat.llm.port import (
    ModelEvent,
    ReasoningDelta,
    ReasoningSignature,
    Stopped,
    TextDelta,
    ToolInputDelta,
    ToolUse,
    UsageReported,
)
from services.chat.turns.answer_builder import AnswerBuilder
from shared.catalogue import Usage


class Heard:
    """A voice that only listens."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.of_what: list[dict[str, Any]] = []

    def say(self, event: str, text: str, **of_what: Any) -> None:
        self.said.append((event, text))
        self.of_what.append(of_what)


def answered(*events: ModelEvent) -> tuple[AnswerBuilder, Any]:
    answer, heard = AnswerBuilder(), Heard()
    for event in events:
        answer.take(event, heard)  # type: ignore[arg-type]
    return answer, heard


def test_nothing_said_is_no_content() -> None:
    answer, _ = answered()
    assert (answer.content(), answer.words(), answer.began, answer.usage, answer.stop_reason) == (
        [], "", False, None, None,
    )  # fmt: skip


def test_deltas_of_one_kind_make_one_block() -> None:
    answer, heard = answered(TextDelta("Hello"), TextDelta(" there"))
    assert answer.content() == [TextBlock(text="Hello there")]
    assert heard.said == [("message.delta", "Hello"), ("message.delta", " there")]


def test_thoughts_and_words_take_turns() -> None:
    answer, heard = answered(ReasoningDelta("Hm"), ReasoningSignature("sig"), TextDelta("Yes"), ReasoningDelta("Or?"))
    assert answer.content() == [
        ReasoningBlock(text="Hm", signature="sig"),
        TextBlock(text="Yes"),
        ReasoningBlock(text="Or?"),
    ]
    assert [event for event, _ in heard.said] == ["reasoning.delta", "message.delta", "reasoning.delta"]


def test_a_signature_is_kept_but_not_said() -> None:
    _, heard = answered(ReasoningDelta("Hm"), ReasoningSignature("sig"))
    assert heard.said == [("reasoning.delta", "Hm")]


def test_a_signature_without_thoughts_is_nothing() -> None:
    answer, _ = answered(ReasoningSignature("sig"), TextDelta("Yes"))
    assert answer.content() == [TextBlock(text="Yes")]


def test_the_end_and_the_bill_are_kept() -> None:
    answer, heard = answered(TextDelta("x"), Stopped("max_tokens"), UsageReported(Usage(output_tokens=3)))
    assert (answer.stop_reason, answer.usage) == ("max_tokens", Usage(output_tokens=3))
    assert len(heard.said) == 1


def test_a_tools_input_is_shown_and_counts_for_the_bill_but_is_no_content() -> None:
    asked = ToolUse("now", {"zone": "UTC"})
    pieces = [ToolInputDelta(0, "", "now"), ToolInputDelta(0, '{"zone":'), ToolInputDelta(0, '"UTC"}')]
    answer, heard = answered(TextDelta("Let me see."), *pieces, asked)
    assert answer.words() == 'Let me see.now{"zone":"UTC"}'
    assert answer.content() == [TextBlock(text="Let me see.")]
    assert answer.asked == [asked]
    shown = [("tool.delta", ""), ("tool.delta", '{"zone":'), ("tool.delta", '"UTC"}')]
    assert heard.said == [("message.delta", "Let me see."), *shown]
    assert heard.of_what == [{}, {"index": 0, "name": "now"}, {"index": 0}, {"index": 0}]


def test_an_input_that_broke_off_was_written_all_the_same() -> None:
    assert answered(ToolInputDelta(0, "", "now"), ToolInputDelta(0, '{"zo'))[0].words() == 'now{"zo'


def test_an_answer_has_begun_with_whatever_came_first() -> None:
    assert answered(UsageReported(Usage()))[0].began


@given(st.lists(st.one_of(st.builds(TextDelta, st.text(min_size=1)), st.builds(ReasoningDelta, st.text(min_size=1)))))
def test_the_content_is_the_deltas_put_together(events: list[TextDelta | ReasoningDelta]) -> None:
    answer, heard = answered(*events)
    for kind, event in ((TextBlock, "message.delta"), (ReasoningBlock, "reasoning.delta")):
        kept = "".join(block.text for block in answer.content() if isinstance(block, kind))
        assert kept == "".join(text for name, text in heard.said if name == event)
    assert answer.words() == "".join(event.text for event in events)
    kinds = [block.type for block in answer.content()]
    assert all(first != second for first, second in pairwise(kinds))
