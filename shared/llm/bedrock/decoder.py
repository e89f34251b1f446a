"""Decodes events of ConverseStream into events of the model port."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.catalogue import Usage
from shared.llm.json_text import PairJoiner, read_json, without_halves
from shared.llm.port import (
    BrokenToolUse,
    ModelEvent,
    ReasoningDelta,
    ReasoningSignature,
    RedactedReasoning,
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


class ConverseDecoder:
    """Decodes one answer. It collects the pieces of each tool call's input until the call is complete."""

    def __init__(self) -> None:
        self._tools: dict[int, _ToolInput] = {}
        self._tool_count = 0
        self._joiners: dict[int, PairJoiner] = {}

    def decode(self, raw: dict[str, Any]) -> Sequence[ModelEvent]:
        """Return the events of the port; none for events without a meaning of their own."""
        match raw:
            case {"contentBlockDelta": {"delta": dict(delta)} as block}:
                return tuple(self._delta(delta, _index(block)))
            case {"contentBlockStart": {"start": {"toolUse": dict(tool_use)}} as block}:
                return (self._begin_tool(_index(block), tool_use),)
            case {"contentBlockStop": dict(block)}:
                return tuple(self._end_block(_index(block)))
            case {"messageStop": {"stopReason": str(reason)}}:
                unended = [event for index in tuple(self._tools) for event in self._end_block(index)]
                return (*unended, Stopped(reason))
            case {"metadata": {"usage": dict(usage)}}:
                return (UsageReported(_usage(usage)),)
        return ()

    def _delta(self, delta: dict[str, Any], index: int) -> Iterator[ModelEvent]:
        match delta:
            case {"text": str(text)}:
                if text := self._joiner(index).join(text):
                    yield TextDelta(text, index)
            case {"reasoningContent": {"text": str(text)}}:
                if text := self._joiner(index).join(text):
                    yield ReasoningDelta(text, index)
            case {"reasoningContent": {"signature": str(signature)}}:
                yield ReasoningSignature(signature, index)
            case {"reasoningContent": {"redactedContent": str(data)}}:
                yield RedactedReasoning(data, index)
            case {"toolUse": dict(tool_use)}:
                if index not in self._tools:  # some models send no start of the block
                    yield self._begin_tool(index, tool_use)
                if piece := tool_use.get("input"):
                    yield self._add_input(index, str(piece))

    def _begin_tool(self, index: int, tool_use: dict[str, Any]) -> ToolInputDelta:
        name = tool_use.get("name")
        tool = self._tools[index] = _ToolInput(self._tool_count, without_halves(name) if isinstance(name, str) else "")
        self._tool_count += 1
        return ToolInputDelta(tool.index, "", tool.name)

    def _add_input(self, index: int, text: str) -> ToolInputDelta:
        tool = self._tools[index]
        tool.pieces.append(text)
        return ToolInputDelta(tool.index, self._joiner(index).join(text))

    def _end_block(self, index: int) -> Iterator[ModelEvent]:
        rest = self._joiners.pop(index, PairJoiner()).rest()
        if tool := self._tools.pop(index, None):
            yield _tool_use(tool, index)
        elif rest:
            yield TextDelta(rest, index)

    def _joiner(self, index: int) -> PairJoiner:
        return self._joiners.setdefault(index, PairJoiner())


def _index(block: dict[str, Any]) -> int:
    index = block.get("contentBlockIndex")
    return index if isinstance(index, int) else 0


def _tool_use(tool: _ToolInput, index: int) -> ToolUse | BrokenToolUse:
    text = "".join(tool.pieces).strip()
    try:
        arguments = without_halves(read_json(text)) if text else {}
    except ValueError:
        return BrokenToolUse(tool.name, index)
    if arguments is None:
        arguments = {}
    return ToolUse(tool.name, arguments, index) if isinstance(arguments, dict) else BrokenToolUse(tool.name, index)


def _usage(usage: dict[str, Any]) -> Usage:
    return Usage(
        input_tokens=_count(usage.get("inputTokens")),
        output_tokens=_count(usage.get("outputTokens")),
        cache_read_tokens=_count(usage.get("cacheReadInputTokens")),
        cache_write_tokens=_count(usage.get("cacheWriteInputTokens")),
        cache_write_1h_tokens=_written_for_an_hour(usage.get("cacheDetails")),
    )


def _written_for_an_hour(details: object) -> int:
    """The part of the cache writes that lives an hour; it costs more than what lives five minutes."""
    entries = [each for each in details if isinstance(each, dict)] if isinstance(details, list) else []
    return sum(_count(each.get("inputTokens")) for each in entries if each.get("ttl") == "1h")


def _count(value: object) -> int:
    """A counter of the provider, which may be missing or null."""
    return value if isinstance(value, int) and value > 0 else 0
