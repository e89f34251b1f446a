"""Reduces the frames of a turn to an answer, to be compared with the stored message."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.observation import Frame


@dataclass
class AnswerContent:
    """An answer without its order of blocks: parallel tools may answer in any."""

    text: str = ""
    reasoning: str = ""
    calls: dict[str, Any] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)


def reduce_frames(frames: Iterable[Frame]) -> AnswerContent:
    """As a page would show them: `turn.restarted` takes back words since the last result of a tool."""
    said, kept = AnswerContent(), ("", "")
    for frame in frames:
        match frame.event:
            case "message.delta":
                said.text += frame.content["text"]
            case "reasoning.delta":
                said.reasoning += frame.content["text"]
            case "tool.call":
                said.calls[frame.content["call_id"]] = (frame.content["name"], frame.content["input"])
            case "tool.result":
                said.results[frame.content["call_id"]] = (frame.content["status"], frame.content["output"])
                kept = (said.text, said.reasoning)
            case "turn.restarted":
                said.text, said.reasoning = kept
    return said


def read_message(message: Mapping[str, Any]) -> AnswerContent:
    """The same of a message as the API gives it."""
    said = AnswerContent()
    for block in message["content"]:
        match block["type"]:
            case "text":
                said.text += block["text"]
            case "reasoning":
                said.reasoning += block["text"]
            case "tool_call":
                said.calls[block["call_id"]] = (block["name"], block["input"])
            case "tool_result":
                said.results[block["call_id"]] = (block["status"], block["output"])
    return said
