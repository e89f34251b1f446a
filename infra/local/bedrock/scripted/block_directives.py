"""`blocks=[…]` in a prompt: an answer of exactly these blocks, also of kinds that a well-behaved model never sends.

Texts are not checked by pydantic, because half a surrogate pair must pass. The grammar is in `docs/local-models.md`.
"""

import json
import secrets
from collections.abc import Iterator
from typing import Any

from infra.local.bedrock import tokens
from infra.local.bedrock.responses import Block, ReasoningContent, RedactedContent, TextContent, ToolUseContent

TO_BE_SIGNED = "to be signed"
MOST_CALLS = 5_000
_OPTIONS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "text": {"text": (str, list)},
    "reasoning": {"reasoning": (str, list), "signed": bool, "hidden": int},
    "redacted": {"redacted": bool},
    "tool": {"tool": str, "input": (str, list, dict), "id": str, "start": bool, "times": int},
}


def checked(value: object) -> object:
    """The value of the directive. Raises ValueError with what is wrong."""
    if not isinstance(value, list):
        raise ValueError("is a list of objects")  # noqa: TRY004 - pydantic reports a ValueError
    for item in value:
        kinds = [kind for kind in _OPTIONS if isinstance(item, dict) and kind in item]
        if len(kinds) != 1:
            raise ValueError(f"each is an object with one of {', '.join(_OPTIONS)}")
        options = _OPTIONS[kinds[0]]
        for name, option in item.items():
            if name not in options or not isinstance(option, options[name]):
                raise ValueError(f"{kinds[0]} has no such {name}; it takes {', '.join(options)}")
        if item.get("times", 1) not in range(1, MOST_CALLS + 1):
            raise ValueError(f"times is 1 to {MOST_CALLS}")
    return value


def built(items: list[dict[str, Any]]) -> list[Block]:
    return [block for item in items for block in _blocks(item)]


def stop_reason(blocks: list[Block]) -> str:
    return "tool_use" if any(isinstance(block, ToolUseContent) for block in blocks) else "end_turn"


def new_tool_use_id() -> str:
    return f"tooluse_{secrets.token_urlsafe(16)}"


def _blocks(item: dict[str, Any]) -> Iterator[Block]:
    if "text" in item:
        yield TextContent(_pieces(item["text"]))
    elif "reasoning" in item:
        signature = TO_BE_SIGNED if item.get("signed", True) else ""
        yield ReasoningContent(_pieces(item["reasoning"]), signature, item.get("hidden", 0))
    elif "redacted" in item:
        yield RedactedContent([])
    else:
        for number in range(1, item.get("times", 1) + 1):
            given = item.get("input", {})
            pieces = tokens.split(json.dumps(_numbered(given, number))) if isinstance(given, dict) else _pieces(given)
            yield ToolUseContent(pieces, item.get("id") or new_tool_use_id(), item["tool"], item.get("start", True))


def _pieces(text: str | list[str]) -> list[str]:
    """A list is taken as the deltas; a text is cut into tokens."""
    return tokens.split(text) if isinstance(text, str) else [str(piece) for piece in text]


def _numbered(given: dict[str, Any], number: int) -> dict[str, Any]:
    """The input with its number where it says "$n", so that calls made by `times` differ."""
    return {name: number if value == "$n" else value for name, value in given.items()}
