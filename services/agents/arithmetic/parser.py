"""From text to its value, by recursive descent.

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
    divided,
    floor_divided,
    power,
    remainder,
)
from services.agents.arithmetic.tokens import Token, tokens

EXPRESSION_CHARS: Final = 500
_DEPTH: Final = 50

_PRODUCTS: Final[dict[str, Callable[[Number, Number], Number]]] = {
    "*": lambda a, b: Number(bounded(a.value * b.value), a.exact and b.exact),
    "/": divided,
    "//": floor_divided,
    "%": remainder,
}


def calculate(expression: str) -> Number:
    """The value. Raises CalculationError. What 500 characters can ask for takes milliseconds."""
    if len(expression) > EXPRESSION_CHARS:
        raise CalculationError(f"the expression is longer than {EXPRESSION_CHARS} characters")
    return _Parser(expression).whole()


class _Parser:
    def __init__(self, expression: str) -> None:
        self._tokens: Iterator[Token] = tokens(expression)
        self._now = next(self._tokens)
        self._depth = 0

    def whole(self) -> Number:
        number = self._sum()
        if self._now.kind != "end":
            raise CalculationError(f"unexpected {self._now.shown}")
        return number

    def _sum(self) -> Number:
        left = self._product()
        while sign := self._taken("+", "-"):
            right = self._product()
            value = left.value + right.value if sign == "+" else left.value - right.value
            left = Number(bounded(value), left.exact and right.exact)
        return left

    def _product(self) -> Number:
        left = self._signed()
        while sign := self._taken(*_PRODUCTS):
            left = _PRODUCTS[sign](left, self._signed())
        return left

    def _signed(self) -> Number:
        negative = False
        while sign := self._taken("+", "-"):
            negative ^= sign == "-"
        number = self._power()
        return Number(-number.value, number.exact) if negative else number

    def _power(self) -> Number:
        base = self._atom()
        if not self._taken("^", "**"):
            return base
        with self._deeper():
            return power(base, self._signed())

    def _atom(self) -> Number:
        token = self._now
        if token.kind == "number":
            self._go_on()
            return Number(bounded(Fraction(token.text)))
        if token.kind == "name":
            self._go_on()
            return self._named(token)
        if self._taken("("):
            with self._deeper():
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
        with self._deeper():
            arguments = [self._sum()]
            while self._taken(","):
                arguments.append(self._sum())
        self._expect(")")
        return functions.call(name, arguments)

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        self._depth += 1
        if self._depth > _DEPTH:
            raise CalculationError(f"more than {_DEPTH} levels within one another")
        yield
        self._depth -= 1

    def _taken(self, *signs: str) -> str | None:
        """The sign that stands here, if it is one of these; then the next token is looked at."""
        if self._now.kind != "sign" or self._now.text not in signs:
            return None
        sign = self._now.text
        self._go_on()
        return sign

    def _expect(self, sign: str) -> None:
        if not self._taken(sign):
            raise CalculationError(f"'{sign}' is missing before {self._now.shown}")

    def _go_on(self) -> None:
        self._now = next(self._tokens)
