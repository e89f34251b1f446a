"""Splits an expression into tokens."""

import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from services.agents.arithmetic.numbers import CalculationError

Kind = Literal["number", "name", "sign", "end"]

_PARTS: Final = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4}(?![0-9]))?)"
    r"|(?P<name>[A-Za-z][A-Za-z0-9]{0,19})"
    r"|(?P<sign>\*\*|//|[-+*/%^(),]))"
)
_OTHER_SIGNS: Final = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-"})  # noqa: RUF001 - as people write them


class Token(NamedTuple):
    kind: Kind
    text: str
    position: int
    """From 1."""

    @property
    def shown(self) -> str:
        return f"'{self.text}' at position {self.position}" if self.text else "the end"


def tokens(expression: str) -> Iterator[Token]:
    """The tokens of the expression; the last one is of kind `end`. Raises CalculationError."""
    text = expression.translate(_OTHER_SIGNS).rstrip()
    position = 0
    while position < len(text):
        match = _PARTS.match(text, position)
        if not match or not match.lastgroup:
            start = position + len(text[position:]) - len(text[position:].lstrip())
            raise CalculationError(f"cannot read {text[start]!r} at position {start + 1}")
        kind: Kind = "number" if match["number"] else "name" if match["name"] else "sign"
        yield Token(kind, match[kind], match.start(kind) + 1)
        position = match.end()
    yield Token("end", "", len(text) + 1)
