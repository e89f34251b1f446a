"""What frames add up to, in the words of docs: resumed text goes on, restarted text begins anew behind the tools."""

import json

from tests.chaos.observation import Frame
from tests.chaos.reduce import read_message, reduce_frames


def frames(*told: tuple[str, dict[str, object]]) -> list[Frame]:
    return [Frame(place, event, json.dumps(data)) for place, (event, data) in enumerate(told, 1)]


def say(text: str) -> tuple[str, dict[str, object]]:
    return ("message.delta", {"text": text})


RESULT = ("tool.result", {"call_id": "call_1", "status": "success", "output": 4, "took_ms": 1})
CALL = ("tool.call", {"call_id": "call_1", "name": "calculator", "input": {"expression": "2+2"}})


def test_deltas_add_up() -> None:
    said = reduce_frames(frames(say("a"), ("reasoning.delta", {"text": "hm"}), say("b")))
    assert (said.text, said.reasoning) == ("ab", "hm")


def test_resumed_text_goes_on() -> None:
    assert reduce_frames(frames(say("a"), ("turn.resumed", {"attempt": 2}), say("b"))).text == "ab"


def test_restarted_text_begins_anew() -> None:
    told = frames(say("a"), ("reasoning.delta", {"text": "hm"}), ("turn.restarted", {"attempt": 2}), say("b"))
    assert (reduce_frames(told).text, reduce_frames(told).reasoning) == ("b", "")


def test_a_restart_keeps_what_was_said_before_the_last_tool_answered() -> None:
    told = frames(say("a"), CALL, RESULT, say("b"), ("turn.restarted", {"attempt": 3}), say("c"))
    assert reduce_frames(told).text == "ac"
    assert reduce_frames(told).calls == {"call_1": ("calculator", {"expression": "2+2"})}
    assert reduce_frames(told).results == {"call_1": ("success", 4)}


def test_a_message_reads_the_same() -> None:
    message = {
        "content": [
            {"type": "reasoning", "text": "hm", "signature": "s"},
            {"type": "text", "text": "a"},
            {"type": "tool_call", **CALL[1]},
            {"type": "tool_result", **RESULT[1]},
            {"type": "text", "text": "c"},
        ]
    }
    told = frames(("reasoning.delta", {"text": "hm"}), say("a"), CALL, RESULT, say("c"))
    assert read_message(message) == reduce_frames(told)
