"""Calculates arithmetic expressions from untrusted text: exact where possible, bounded, and without executing code."""

from services.agents.arithmetic.numbers import SIGNIFICANT_DIGITS, CalculationError, to_text
from services.agents.arithmetic.parser import EXPRESSION_CHARS, calculate

__all__ = ["EXPRESSION_CHARS", "SIGNIFICANT_DIGITS", "CalculationError", "calculate", "to_text"]
