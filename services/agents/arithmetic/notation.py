"""A number as people write it."""

from decimal import Context, Decimal, Inexact
from typing import Final

from services.agents.arithmetic.numbers import Number

SIGNIFICANT_DIGITS: Final = 34
_PLAIN_FROM: Final = -10
_PLAIN_TO: Final = 40


def written(number: Number) -> tuple[str, bool]:
    """The decimal notation, and whether it is the exact result. Whole results have all their digits."""
    value = number.value
    if value.denominator == 1 and number.exact:
        return str(value.numerator), True
    shown = Context(prec=SIGNIFICANT_DIGITS, Emax=999_999, Emin=-999_999)
    decimal = shown.divide(Decimal(value.numerator), Decimal(value.denominator)).normalize(shown)
    exact = number.exact and not shown.flags[Inexact]
    plain = decimal == 0 or _PLAIN_FROM <= decimal.adjusted() < _PLAIN_TO
    return format(decimal, "f" if plain else "E"), exact
