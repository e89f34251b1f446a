"""Replay: the progress of a turn from its log and its rounds."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from services.chat.domain import (
    Frame,
    ReasoningBlock,
    TextBlock,
    ToolCall,
    ToolCallBlock,
    ToolResultBlock,
    ToolRound,
    plain_text,
)
from services.chat.stream.replay import replay

RESULT = ToolResultBlock(call_id="call_1", status="success", output={"result": "42"}, took_ms=3)
CALL = ToolCallBlock(call_id="call_1", name="calculator", input={"expression": "6*7"})


def frames_of(*speeches: tuple[str, dict[str, object]]) -> list[Frame]:
    return [Frame(seq, event, json.dumps(data), 1) for seq, (event, data) in enumerate(speeches, start=1)]


def text(words: str) -> tuple[str, dict[str, object]]:
    return "message.delta", {"text": words}


def test_an_empty_log_is_no_progress() -> None:
    nothing = replay([], [])
    assert (nothing.seq, nothing.content, nothing.unbilled) == (0, [], "")


def test_deltas_add_up_to_blocks_in_their_order() -> None:
    frames = frames_of(("reasoning.delta", {"text": "H"}), ("reasoning.delta", {"text": "m"}), text("Ye"), text("s"))
    progress = replay(frames, [])
    assert progress.content == [ReasoningBlock(text="Hm"), TextBlock(text="Yes")]
    assert (progress.seq, progress.unbilled) == (4, "HmYes")


def test_a_resumed_answer_continues_and_only_the_rest_is_unbilled() -> None:
    progress = replay(frames_of(text("one "), ("turn.resumed", {"attempt": 2}), text("two")), [])
    assert progress.content == [TextBlock(text="one two")]
    assert progress.unbilled == "two"


def test_a_restart_drops_the_partial_answer() -> None:
    progress = replay(frames_of(text("one "), ("turn.restarted", {"attempt": 2, "reason": "x"}), text("two")), [])
    assert progress.content == [TextBlock(text="two")]


def test_a_round_replaces_the_deltas_before_its_calls() -> None:
    thought = ReasoningBlock(text="Hm", signature="sig")
    done = ToolRound(number=1, content=[thought, CALL], calls=[ToolCall(id="call_1", deadline=0, answer=RESULT)])
    frames = frames_of(
        ("reasoning.delta", {"text": "Hm"}), ("tool.call", {"call_id": "call_1"}),
        ("tool.result", {"call_id": "call_1"}), text("It is"),
    )  # fmt: skip
    progress = replay(frames, [done])
    assert progress.content == [thought, CALL, RESULT, TextBlock(text="It is")]
    assert progress.logged_results == {"call_1"}
    assert progress.unbilled == "It is"


def test_partial_tool_input_is_unbilled_but_no_content() -> None:
    frames = frames_of(
        text("Let me see."), ("tool.delta", {"index": 0, "name": "now", "text": ""}),
        ("tool.delta", {"index": 0, "text": '{"zo'}),
    )  # fmt: skip
    progress = replay(frames, [])
    assert progress.content == [TextBlock(text="Let me see.")]
    assert progress.unbilled == 'Let me see.now{"zo'


def test_a_restart_after_a_round_keeps_the_round() -> None:
    done = ToolRound(number=1, content=[CALL], calls=[ToolCall(id="call_1", deadline=0, answer=RESULT)])
    frames = frames_of(
        ("tool.call", {"call_id": "call_1"}), ("tool.result", {"call_id": "call_1"}), text("It"),
        ("turn.restarted", {"attempt": 3, "reason": "x"}),
    )  # fmt: skip
    assert replay(frames, [done]).content == [CALL, RESULT]


def test_a_call_without_a_result_is_content() -> None:
    waiting = ToolRound(number=1, content=[CALL], calls=[ToolCall(id="call_1", deadline=0)])
    assert replay([], [waiting]).content == [CALL]
    assert not waiting.answered
    assert waiting.unanswered() == [(waiting.calls[0], CALL)]


DELTAS = st.lists(
    st.tuples(
        st.sampled_from(["message.delta", "reasoning.delta", "turn.restarted", "turn.resumed", "citation"]),
        st.text(max_size=3),
    )
)


@given(DELTAS)
@settings(max_examples=100)
def test_the_content_is_all_deltas_since_the_last_restart(deltas: list[tuple[str, str]]) -> None:
    progress = replay(frames_of(*((event, {"text": words}) for event, words in deltas)), [])
    restarts = [place for place, (event, _) in enumerate(deltas) if event == "turn.restarted"]
    since = deltas[restarts[-1] + 1 :] if restarts else deltas
    assert plain_text(progress.content) == "".join(words for event, words in since if event == "message.delta")
    thoughts = [block.text for block in progress.content if isinstance(block, ReasoningBlock)]
    assert "".join(thoughts) == "".join(words for event, words in since if event == "reasoning.delta")
