"""Decodes events of ConverseStream into events of the model port."""

from dataclasses import dataclass, field
from typing import Any

from pydantic_core import from_json

from shared.catalogue import Usage
from shared.llm.bedrock.event_stream import BrokenFrameError
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


@dataclass
class _ToolInput:
    index: int
    name: str
    pieces: list[str] = field(default_factory=list)

    def add(self, text: str) -> ToolInputDelta:
        self.pieces.append(text)
        return ToolInputDelta(self.index, text)


class ConverseDecoder:
    """Decodes one answer. It collects the pieces of each tool call's input until the call is complete."""

    def __init__(self) -> None:
        self._tools: dict[int, _ToolInput] = {}
        self._tool_count = 0

    def decode(self, raw: dict[str, Any]) -> ModelEvent | None:
        """Return the event of the port; None for events without a meaning of their own.

        Raises BrokenFrameError when the input of a tool call is not a JSON object.
        """
        match raw:
            case {"contentBlockDelta": {"delta": dict(delta)} as block}:
                return self._delta(delta, block.get("contentBlockIndex"))
            case {"contentBlockStart": {"start": {"toolUse": {"name": str(name)}}, "contentBlockIndex": int(index)}}:
                tool = self._tools[index] = _ToolInput(self._tool_count, name)
                self._tool_count += 1
                return ToolInputDelta(tool.index, "", name)
            case {"contentBlockStop": {"contentBlockIndex": int(index)}} if index in self._tools:
                return _tool_use(self._tools.pop(index))
            case {"messageStop": {"stopReason": str(reason)}}:
                return Stopped(reason)
            case {"metadata": {"usage": dict(usage)}}:
                return UsageReported(_usage(usage))
        return None

    def _delta(self, delta: dict[str, Any], index: int | None) -> ModelEvent | None:
        match delta:
            case {"text": str(text)} if text:
                return TextDelta(text)
            case {"reasoningContent": {"text": str(text)}} if text:
                return ReasoningDelta(text)
            case {"reasoningContent": {"signature": str(signature)}}:
                return ReasoningSignature(signature)
            case {"toolUse": {"input": str(text)}} if text and index in self._tools:
                return self._tools[index].add(text)
        return None


def _tool_use(tool: _ToolInput) -> ToolUse:
    text = "".join(tool.pieces).strip()
    try:
        arguments = from_json(text, allow_inf_nan=False) if text else {}
    except ValueError:
        raise BrokenFrameError from None
    if not isinstance(arguments, dict):
        raise BrokenFrameError
    return ToolUse(tool.name, arguments)


def _usage(usage: dict[str, Any]) -> Usage:
    return Usage(
        input_tokens=usage.get("inputTokens", 0),
        output_tokens=usage.get("outputTokens", 0),
        cache_read_tokens=usage.get("cacheReadInputTokens") or 0,
        cache_write_tokens=usage.get("cacheWriteInputTokens") or 0,
    )
