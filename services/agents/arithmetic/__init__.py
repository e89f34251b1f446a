"""Arithmetic on what strangers write: exact where numbers allow it, bounded everywhere, nothing is ever executed."""

from services.agents.arithmetic.numbers import SIGNIFICANT_DIGITS, CalculationError, to_text
from services.agents.arithmetic.parser import EXPRESSION_CHARS, calculate

__all__ = ["EXPRESSION_CHARS", "SIGNIFICANT_DIGITS", "CalculationError", "calculate", "to_text"]
