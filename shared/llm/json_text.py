"""Reads JSON that a model's provider has written, also with halves of surrogate pairs, which strict parsers refuse.

A character outside the basic plane is two UTF-16 code units in a JSON escape. A provider that cuts its output between
the two sends each half alone: https://www.rfc-editor.org/rfc/rfc8259#section-8.2
"""

import json
import re
from typing import Any, Final, NoReturn

from pydantic_core import from_json

_HALF: Final = re.compile("[\ud800-\udfff]")
_REPLACEMENT: Final = "\ufffd"


def read_json(text: bytes | str) -> Any:
    """Parse JSON; halves of surrogate pairs are kept. Raises ValueError for all else that is not JSON."""
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError:
        try:
            return json.loads(text, parse_constant=_refuse)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def without_halves(value: Any) -> Any:
    """The same JSON value, with each half of a surrogate pair replaced by U+FFFD; pairs are joined."""
    match value:
        case str():
            return _without_halves(value)
        case dict():
            return {_without_halves(name): without_halves(each) for name, each in value.items()}
        case list():
            return [without_halves(each) for each in value]
        case _:
            return value


def _without_halves(text: str) -> str:
    if text.isascii() or not _HALF.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class PairJoiner:
    """Joins surrogate pairs whose halves come in different pieces of a text."""

    def __init__(self) -> None:
        self._half = ""

    def join(self, piece: str) -> str:
        """Return the piece, with the half that an earlier piece ended with, and without the half that it ends with."""
        if not self._half and (piece.isascii() or not _HALF.search(piece)):
            return piece
        text, self._half = self._half + piece, ""
        if "\ud800" <= text[-1:] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return _without_halves(text)

    def rest(self) -> str:
        """What is left at the end of the text: U+FFFD for a half without its other half."""
        left, self._half = self._half, ""
        return _REPLACEMENT if left else ""
