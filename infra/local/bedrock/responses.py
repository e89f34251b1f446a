"""The content of an answer, and its encoding: as one body for Converse, as events for ConverseStream."""

import json
from dataclasses import dataclass
from typing import Any

from infra.local.bedrock import eventstream

STOP_REASONS = (
    "end_turn",
    "tool_use",
    "max_tokens",
    "stop_sequence",
    "guardrail_intervened",
    "content_filtered",
    "refusal",
    "malformed_model_output",
    "malformed_tool_use",
    "model_context_window_exceeded",
)
_DELTA = eventstream.event_headers("contentBlockDelta")
_encode_text = json.encoder.encode_basestring


@dataclass(frozen=True, slots=True)
class TextContent:
    tokens: list[str]

    def content(self) -> dict[str, Any]:
        return {"text": "".join(self.tokens)}


@dataclass(frozen=True, slots=True)
class ReasoningContent:
    """An empty signature is not sent, as only some providers sign. `hidden`: tokens that were thought but not shown."""

    tokens: list[str]
    signature: str
    hidden: int = 0

    def content(self) -> dict[str, Any]:
        signed = {"signature": self.signature} if self.signature else {}
        return {"reasoningContent": {"reasoningText": {"text": "".join(self.tokens), **signed}}}


@dataclass(frozen=True, slots=True)
class RedactedContent:
    """Reasoning that nobody may read. `tokens`: its data in base64, as a whole or not at all."""

    tokens: list[str]

    def content(self) -> dict[str, Any]:
        return {"reasoningContent": {"redactedContent": "".join(self.tokens)}}


@dataclass(frozen=True, slots=True)
class ToolUseContent:
    """`tokens` are the pieces of its input: JSON, or a part of it. `starts`: whether its start event is sent."""

    tokens: list[str]
    tool_use_id: str
    name: str
    starts: bool = True

    def content(self) -> dict[str, Any]:
        return {"toolUse": {"toolUseId": self.tool_use_id, "name": self.name, "input": self._input()}}

    def _input(self) -> Any:
        """What cannot be read as JSON is given as it is."""
        text = "".join(self.tokens)
        try:
            return json.loads(text) if text else {}
        except ValueError:
            return text


Block = TextContent | ReasoningContent | RedactedContent | ToolUseContent


def length(block: Block) -> int:
    """Output tokens of the block."""
    return len(block.tokens) + (block.hidden if isinstance(block, ReasoningContent) else 0)


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """In tokens. As in Bedrock, `input` excludes tokens that were read from the cache or written to it.

    `details`: the tokens written by life time. `null` and `missing`: names of these fields whose counter is reported as
    null, or not at all.
    """

    input: int
    output: int
    cache_read: int = 0
    cache_write: int = 0
    details: tuple[tuple[str, int], ...] = ()
    null: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()

    def payload(self) -> dict[str, Any]:
        counters = {
            "input": ("inputTokens", self.input),
            "output": ("outputTokens", self.output),
            "cache_read": ("cacheReadInputTokens", self.cache_read),
            "cache_write": ("cacheWriteInputTokens", self.cache_write),
        }
        reported: dict[str, Any] = {
            wire: None if name in self.null else count
            for name, (wire, count) in counters.items()
            if name not in self.missing
        }
        reported["totalTokens"] = self.input + self.output + self.cache_read + self.cache_write
        if self.details:
            reported["cacheDetails"] = [{"ttl": ttl, "inputTokens": count} for ttl, count in self.details]
        return reported


MESSAGE_START = eventstream.event("messageStart", {"role": "assistant"})


def delta(index: int, block: Block, text: str) -> bytes:
    """Encode one delta. This runs once for each token of each stream, so the JSON is formatted by hand for speed.

    Half a surrogate pair has no UTF-8 and is sent as an escape.
    """
    quoted = _encode_text(text)
    match block:
        case TextContent():
            body = f'{{"contentBlockIndex":{index},"delta":{{"text":{quoted}}}}}'
        case ReasoningContent():
            body = f'{{"contentBlockIndex":{index},"delta":{{"reasoningContent":{{"text":{quoted}}}}}}}'
        case RedactedContent():
            body = f'{{"contentBlockIndex":{index},"delta":{{"reasoningContent":{{"redactedContent":{quoted}}}}}}}'
        case ToolUseContent():
            body = f'{{"contentBlockIndex":{index},"delta":{{"toolUse":{{"input":{quoted}}}}}}}'
    try:
        return eventstream.frame(_DELTA, body.encode())
    except UnicodeEncodeError:
        return eventstream.event("contentBlockDelta", json.loads(body))


def block_start(index: int, block: Block) -> bytes:
    """Only tool calls have a start event; text and reasoning begin with their first delta."""
    if not isinstance(block, ToolUseContent) or not block.starts:
        return b""
    start = {"toolUse": {"toolUseId": block.tool_use_id, "name": block.name}}
    return eventstream.event("contentBlockStart", {"start": start, "contentBlockIndex": index})


def block_stop(index: int, block: Block) -> bytes:
    stop = eventstream.event("contentBlockStop", {"contentBlockIndex": index})
    if not isinstance(block, ReasoningContent) or not block.signature:
        return stop
    signature = {"contentBlockIndex": index, "delta": {"reasoningContent": {"signature": block.signature}}}
    return eventstream.event("contentBlockDelta", signature) + stop


def message_stop(reason: str) -> bytes:
    return eventstream.event("messageStop", {"stopReason": reason})


def metadata(usage: TokenUsage, latency_ms: int, tier: str) -> bytes:
    return eventstream.event("metadata", _figures(usage, latency_ms, tier))


def _figures(usage: TokenUsage, latency_ms: int, tier: str) -> dict[str, Any]:
    return {"usage": usage.payload(), "metrics": {"latencyMs": latency_ms}, "serviceTier": {"type": tier}}


def converse_body(blocks: list[Block], reason: str, usage: TokenUsage, latency_ms: int, tier: str) -> dict[str, Any]:
    """The response body of Converse."""
    return {
        "output": {"message": {"role": "assistant", "content": [block.content() for block in blocks]}},
        "stopReason": reason,
        **_figures(usage, latency_ms, tier),
    }
