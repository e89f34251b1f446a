"""Functions and constants of expressions. To add a function, write it and add it to `FUNCTIONS`."""

import math
from collections.abc import Callable, Sequence
from decimal import DecimalException
from fractions import Fraction
from typing import Final

from services.agents.arithmetic.numbers import (
    WIDE,
    CalculationError,
    Number,
    bounded,
    from_decimal,
    to_decimal,
    to_integer,
)

_FACTORIAL: Final = 1_000
_PLACES: Final = 1_000
_ARGUMENTS: Final = 100
_NO_PLACES: Final = Number(Fraction(0))

CONSTANTS: Final = {
    "pi": Number(Fraction("3.14159265358979323846264338327950288419716939937510"), exact=False),
    "e": Number(Fraction("2.71828182845904523536028747135266249775724709369995"), exact=False),
}


def _absolute(x: Number) -> Number:
    return Number(abs(x.value), x.exact)


def _ceil(x: Number) -> Number:
    return Number(Fraction(math.ceil(x.value)), x.exact)


def _floor(x: Number) -> Number:
    return Number(Fraction(math.floor(x.value)), x.exact)


def _round(x: Number, places: Number = _NO_PLACES) -> Number:
    """Halves are rounded away from zero."""
    scale = Fraction(10) ** to_integer(places, "the number of places", -_PLACES, _PLACES)
    rounded = math.floor(abs(x.value) * scale + Fraction(1, 2)) / scale
    return Number(bounded(rounded if x.value >= 0 else -rounded), x.exact)


def _largest(*numbers: Number) -> Number:
    return Number(max(n.value for n in numbers), all(n.exact for n in numbers))


def _smallest(*numbers: Number) -> Number:
    return Number(min(n.value for n in numbers), all(n.exact for n in numbers))


def _factorial(x: Number) -> Number:
    return Number(Fraction(math.factorial(to_integer(x, "what factorial takes", 0, _FACTORIAL))), x.exact)


def _sqrt(x: Number) -> Number:
    if x.value < 0:
        raise CalculationError("the root of a negative number is no real number")
    above, below = math.isqrt(x.value.numerator), math.isqrt(x.value.denominator)
    root = Fraction(above, below)
    if root * root == x.value:
        return Number(root, x.exact)
    return from_decimal(WIDE.sqrt(to_decimal(x.value)))


def _ln(x: Number) -> Number:
    _refuse_not_positive(x)
    return Number(Fraction(0), x.exact) if x.value == 1 else from_decimal(WIDE.ln(to_decimal(x.value)))


def _log10(x: Number) -> Number:
    _refuse_not_positive(x)
    digits = len(str(max(x.value.numerator, x.value.denominator))) - 1
    for exponent in (digits, -digits):
        if x.value == Fraction(10) ** exponent:
            return Number(Fraction(exponent), x.exact)
    return from_decimal(WIDE.log10(to_decimal(x.value)))


def _exp(x: Number) -> Number:
    if x.value == 0:
        return Number(Fraction(1), x.exact)
    try:
        return from_decimal(WIDE.exp(to_decimal(x.value)))
    except DecimalException:
        raise CalculationError("a number gets too large or too fine") from None


def _refuse_not_positive(x: Number) -> None:
    if x.value <= 0:
        raise CalculationError("a logarithm needs a number above zero")


FUNCTIONS: Final[dict[str, tuple[Callable[..., Number], int, int]]] = {
    "abs": (_absolute, 1, 1),
    "ceil": (_ceil, 1, 1),
    "exp": (_exp, 1, 1),
    "factorial": (_factorial, 1, 1),
    "floor": (_floor, 1, 1),
    "ln": (_ln, 1, 1),
    "log10": (_log10, 1, 1),
    "max": (_largest, 1, _ARGUMENTS),
    "min": (_smallest, 1, _ARGUMENTS),
    "round": (_round, 1, 2),
    "sqrt": (_sqrt, 1, 1),
}
"""Name → function, fewest arguments, most arguments."""


def call(name: str, arguments: Sequence[Number]) -> Number:
    """Call the function of this name. Raises CalculationError, also for the wrong number of arguments."""
    function, fewest, most = FUNCTIONS[name]
    if not fewest <= len(arguments) <= most:
        takes = str(fewest) if fewest == most else f"{fewest} to {most}"
        raise CalculationError(f"{name} takes {takes} argument{'' if takes == '1' else 's'}")
    return function(*arguments)
