"""An estimate of tokens, for what no provider has counted: history before a call, and answers that broke off.

It cuts text where the pre-tokenizers of today's models cut it (words, groups of digits, signs, line breaks) and takes
a word of up to eight letters for one token, as they nearly always have it. Characters alone would not do: English
prose has 4.4 of them to a token, a table 2.3. Scripts that write without blanks come to about 1.8 characters a token.
"""

import re
from typing import Final

_PIECE: Final = re.compile(
    r"(?<![A-Za-zÀ-ɏ])[A-Za-zÀ-ɏ]{1,8}"  # a word; the blank before it is part of it
    r"|[A-Za-zÀ-ɏ]{1,4}"  # what a long word goes on with, or what is no word: a key, a hash
    r"|[0-9]{1,2}"  # some take digits one by one, some by threes
    r"|[!-/:-@\[-`{-~¡-¿]"  # a sign
    r"|[^\S ]\s*| \s+"  # a line break with its indentation, more than one blank
)
_OTHER: Final = re.compile(r"[^\x00-ɏ]")
_OTHER_PER_TOKEN: Final = 1.8


def estimate(text: str) -> int:
    """Tokens of `text`, at least one unless it is empty."""
    if not text:
        return 0
    other = 0 if text.isascii() else len(_OTHER.findall(text))
    return max(1, round(len(_PIECE.findall(text)) + other / _OTHER_PER_TOKEN))
