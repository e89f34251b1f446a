"""Arithmetic on what strangers write: exact where numbers allow it, bounded everywhere, nothing is ever executed."""

from services.agents.arithmetic.numbers import CalculationError
from services.agents.arithmetic.parser import EXPRESSION_CHARS, calculate
from services.agents.arithmetic.writing import SIGNIFICANT_DIGITS, written

__all__ = ["EXPRESSION_CHARS", "SIGNIFICANT_DIGITS", "CalculationError", "calculate", "written"]
