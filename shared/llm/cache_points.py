"""Cache points: after which parts of a request its provider is asked to keep what it has read.

A provider reads a prefix that it has kept for a tenth of the price or less, and takes a quarter more for keeping it:
https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html. So a point is only set where a later request
is likely to have the same prefix: after the tools, after the system prompt, after the latest message of the user, and
after the one before, where the previous request set its own.
"""

import json
from dataclasses import dataclass
from typing import Final

from shared.llm.content import PromptPart, ReasoningPart, TextPart, ToolResultPart, ToolUsePart
from shared.llm.port import ModelRequest, PromptMessage

_CHARS_PER_TOKEN: Final = 4
"""For prose; other texts have more tokens. Too low an estimate only means that a short prefix is not cached."""
_MESSAGE_POINTS: Final = 2


@dataclass(frozen=True, slots=True)
class CachePoints:
    """`messages`: the positions of the messages at whose end a point is."""

    tools: bool = False
    system: bool = False
    messages: frozenset[int] = frozenset()


def cache_points(request: ModelRequest) -> CachePoints:
    """Choose the points of a request: none where the model takes none or the prefix is shorter than it keeps."""
    caching = request.model.capabilities.caching
    if caching is None or not request.cached:
        return CachePoints()
    least, left = caching.least_tokens * _CHARS_PER_TOKEN, caching.most_points
    size = sum(len(tool.name + tool.description) + len(json.dumps(tool.input_schema)) for tool in request.tools)
    tools = bool(request.tools) and "tools" in caching.sections and size >= least
    size += len(request.system)
    system = bool(request.system) and "system" in caching.sections and size >= least
    left -= tools + system
    if "messages" not in caching.sections:
        return CachePoints(tools, system)
    candidates: list[int] = []
    for position, message in enumerate(request.messages):
        size += _chars(message)
        if message.role == "user" and size >= least:
            candidates.append(position)
    chosen = candidates[-min(_MESSAGE_POINTS, left) :] if left > 0 else []
    return CachePoints(tools, system, frozenset(chosen))


def _chars(message: PromptMessage) -> int:
    return sum(map(_part_chars, message.parts))


def _part_chars(part: PromptPart) -> int:
    match part:
        case TextPart(text) | ReasoningPart(text):
            return len(text)
        case ToolUsePart(input=arguments):
            return len(json.dumps(arguments))
        case ToolResultPart(output=output):
            return len(json.dumps(output))
