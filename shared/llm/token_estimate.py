"""Estimates tokens where no provider has counted them: of a prompt before the call, and of an answer that broke off.

The text is split as the pre-tokenizers of today's models split it (words, groups of digits, punctuation, line breaks);
a word of up to eight letters counts as one token, as it nearly always is. The number of characters alone is not
enough: English prose has 4.4 characters per token, a table 2.3. Scripts without spaces have about 1.8.
"""

import json
import re
from collections.abc import Sequence
from typing import Final

from shared.llm.content import PromptPart, ReasoningPart, TextPart, ToolResultPart, ToolUsePart
from shared.llm.port import PromptMessage

_PIECE: Final = re.compile(
    r"(?<![A-Za-zÀ-ɏ])[A-Za-zÀ-ɏ]{1,8}"  # a word; one space before it belongs to it
    r"|[A-Za-zÀ-ɏ]{1,4}"  # the rest of a long word, or of a key or hash
    r"|[0-9]{1,2}"  # models split digits one by one or in threes
    r"|[!-/:-@\[-`{-~¡-¿]"  # punctuation
    r"|[^\S ]\s*| \s+"  # a line break with its indentation, several spaces
)
_OTHER: Final = re.compile(r"[^\x00-ɏ]")
_OTHER_PER_TOKEN: Final = 1.8


def estimate(text: str) -> int:
    """Estimate the tokens of `text`: at least 1, or 0 for an empty text."""
    if not text:
        return 0
    other = 0 if text.isascii() else len(_OTHER.findall(text))
    return max(1, round(len(_PIECE.findall(text)) + other / _OTHER_PER_TOKEN))


def estimate_prompt(prompt: Sequence[PromptMessage]) -> int:
    """Estimate the tokens of a whole prompt."""
    return sum(estimate(_as_text(part)) for message in prompt for part in message.parts)


def _as_text(part: PromptPart) -> str:
    match part:
        case TextPart(text) | ReasoningPart(text):
            return text
        case ToolUsePart(name=name, input=arguments):
            return f"{name} {json.dumps(arguments, ensure_ascii=False)}"
        case ToolResultPart(output=output):
            return json.dumps(output, ensure_ascii=False)
