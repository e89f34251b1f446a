"""Calculates an expression by recursive descent.

sum: product (('+' | '-') product)* · product: signed (('*' | '/' | '//' | '%') signed)* · signed: ('+' | '-')* power ·
power: atom (('^' | '**') signed)? · atom: number | constant | function '(' sum (',' sum)* ')' | '(' sum ')'
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Final

from services.agents.arithmetic import functions
from services.agents.arithmetic.numbers import (
    CalculationError,
    Number,
    bounded,
    divide,
    floor_divide,
    power,
    remainder,
)
from services.agents.arithmetic.tokens import Token, tokens

EXPRESSION_CHARS: Final = 500
_DEPTH: Final = 50

_PRODUCTS: Final[dict[str, Callable[[Number, Number], Number]]] = {
    "*": lambda a, b: Number(bounded(a.value * b.value), a.exact and b.exact),
    "/": divide,
    "//": floor_divide,
    "%": remainder,
}


def calculate(expression: str) -> Number:
    """The value of the expression. Raises CalculationError. 500 characters take milliseconds at most."""
    if len(expression) > EXPRESSION_CHARS:
        raise CalculationError(f"the expression is longer than {EXPRESSION_CHARS} characters")
    return _Parser(expression).parse()


class _Parser:
    def __init__(self, expression: str) -> None:
        self._tokens: Iterator[Token] = tokens(expression)
        self._token = next(self._tokens)
        self._depth = 0

    def parse(self) -> Number:
        number = self._sum()
        if self._token.kind != "end":
            raise CalculationError(f"unexpected {self._token.shown}")
        return number

    def _sum(self) -> Number:
        left = self._product()
        while sign := self._accept("+", "-"):
            right = self._product()
            value = left.value + right.value if sign == "+" else left.value - right.value
            left = Number(bounded(value), left.exact and right.exact)
        return left

    def _product(self) -> Number:
        left = self._signed()
        while sign := self._accept(*_PRODUCTS):
            left = _PRODUCTS[sign](left, self._signed())
        return left

    def _signed(self) -> Number:
        negative = False
        while sign := self._accept("+", "-"):
            negative ^= sign == "-"
        number = self._power()
        return Number(-number.value, number.exact) if negative else number

    def _power(self) -> Number:
        base = self._atom()
        if not self._accept("^", "**"):
            return base
        with self._nested():
            return power(base, self._signed())

    def _atom(self) -> Number:
        token = self._token
        if token.kind == "number":
            self._advance()
            return Number(bounded(Fraction(token.text)))
        if token.kind == "name":
            self._advance()
            return self._named(token)
        if self._accept("("):
            with self._nested():
                number = self._sum()
            self._expect(")")
            return number
        raise CalculationError(f"a number is missing before {token.shown}")

    def _named(self, token: Token) -> Number:
        name = token.text.lower()
        if name in functions.CONSTANTS:
            return functions.CONSTANTS[name]
        if name not in functions.FUNCTIONS:
            raise CalculationError(f"unknown name {token.shown}")
        self._expect("(")
        with self._nested():
            arguments = [self._sum()]
            while self._accept(","):
                arguments.append(self._sum())
        self._expect(")")
        return functions.call(name, arguments)

    @contextmanager
    def _nested(self) -> Iterator[None]:
        self._depth += 1
        if self._depth > _DEPTH:
            raise CalculationError(f"more than {_DEPTH} levels within one another")
        yield
        self._depth -= 1

    def _accept(self, *signs: str) -> str | None:
        """Consume the current token if it is one of these signs, and return the sign."""
        if self._token.kind != "sign" or self._token.text not in signs:
            return None
        sign = self._token.text
        self._advance()
        return sign

    def _expect(self, sign: str) -> None:
        if not self._accept(sign):
            raise CalculationError(f"'{sign}' is missing before {self._token.shown}")

    def _advance(self) -> None:
        self._token = next(self._tokens)
