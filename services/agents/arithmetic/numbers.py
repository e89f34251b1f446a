"""Numbers as fractions, so that results are exact, with a maximal size, so that no operation takes long."""

from decimal import Context, Decimal, DecimalException, DivisionByZero, Inexact, InvalidOperation, Overflow
from fractions import Fraction
from typing import Final, NamedTuple

BITS: Final = 10_000
"""The most bits of a numerator or denominator, about 3 000 digits."""
EXPONENT: Final = 10_000

WIDE: Final = Context(prec=50, Emax=9_999, Emin=-9_999, traps=[InvalidOperation, DivisionByZero, Overflow])
"""For results that are not fractions, such as roots; it has more digits than are shown."""

SIGNIFICANT_DIGITS: Final = 34
"""Of a shown number that is not whole."""
_PLAIN_FROM: Final = -10
_PLAIN_TO: Final = 40
"""Powers of ten from which and up to which a number is shown without an exponent."""


class CalculationError(Exception):
    """What is wrong with the expression, in words for its author."""


class Number(NamedTuple):
    """`exact` is False once a value was rounded in the calculation."""

    value: Fraction
    exact: bool = True


def bounded(value: Fraction) -> Fraction:
    """The same value. Raises CalculationError when it is too large or has too many digits."""
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > BITS:
        raise CalculationError("a number gets too large or too fine")
    return value


def to_integer(number: Number, what: str, low: int, high: int) -> int:
    """The number as an integer from `low` to `high`. Raises CalculationError that calls it `what`."""
    if number.value.denominator != 1 or not low <= number.value <= high:
        raise CalculationError(f"{what} must be a whole number from {low} to {high}")
    return int(number.value)


def to_decimal(value: Fraction) -> Decimal:
    return WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))


def from_decimal(value: Decimal) -> Number:
    return Number(bounded(Fraction(value)), exact=False)


def divide(left: Number, right: Number) -> Number:
    _refuse_zero(right)
    return Number(bounded(left.value / right.value), left.exact and right.exact)


def floor_divide(left: Number, right: Number) -> Number:
    _refuse_zero(right)
    return Number(Fraction(left.value // right.value), left.exact and right.exact)


def remainder(left: Number, right: Number) -> Number:
    """The remainder, with the sign of the divisor."""
    _refuse_zero(right)
    return Number(bounded(left.value % right.value), left.exact and right.exact)


def power(base: Number, exponent: Number) -> Number:
    exact = base.exact and exponent.exact
    if exponent.value.denominator == 1:
        return Number(_whole_power(base.value, int(exponent.value)), exact)
    if base.value < 0:
        raise CalculationError("a negative number to a broken power is no real number")
    if base.value == 0:
        if exponent.value < 0:
            raise CalculationError("division by zero")
        return Number(Fraction(0), exact)
    try:
        return from_decimal(WIDE.power(to_decimal(base.value), to_decimal(exponent.value)))
    except DecimalException:
        raise CalculationError("a number gets too large or too fine") from None


def _whole_power(base: Fraction, exponent: int) -> Fraction:
    if base == 0 and exponent < 0:
        raise CalculationError("division by zero")
    if base in {-1, 0, 1}:
        return base ** (abs(exponent) % 2 or 2) if exponent else Fraction(1)
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if abs(exponent) > EXPONENT or (bits - 1) * abs(exponent) > BITS:  # checked before the power is computed
        raise CalculationError("a number gets too large or too fine")
    return bounded(base**exponent)


def to_text(number: Number) -> tuple[str, bool]:
    """The decimal notation, and whether it is the exact result. Whole results are shown with all their digits."""
    value = number.value
    if value.denominator == 1 and number.exact:
        return str(value.numerator), True
    shown = Context(prec=SIGNIFICANT_DIGITS, Emax=999_999, Emin=-999_999)
    decimal = shown.divide(Decimal(value.numerator), Decimal(value.denominator)).normalize(shown)
    exact = number.exact and not shown.flags[Inexact]
    plain = decimal == 0 or _PLAIN_FROM <= decimal.adjusted() < _PLAIN_TO
    return format(decimal, "f" if plain else "E"), exact


def _refuse_zero(divisor: Number) -> None:
    if divisor.value == 0:
        raise CalculationError("division by zero")
