"""Calculates an expression with Python's own parser, of which only the nodes of arithmetic are used.

The grammar is not Python's: `^` is the power, names may have capitals, numbers may begin with zeros, and there are no
tuples, keywords or calls of numbers. So each token is checked for its place first, which also gives the reason of a
refusal, and is then written as Python. Numbers are written as strings, because Python would round them.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from services.agents.arithmetic import functions
from services.agents.arithmetic.numbers import CalculationError, Number, bounded, divide, floor_divide, power, remainder
from services.agents.arithmetic.tokens import Token, tokens

EXPRESSION_CHARS: Final = 500
_DEPTH: Final = 50

_OPERATIONS: Final[dict[type[ast.operator], Callable[[Number, Number], Number]]] = {
    ast.Add: lambda a, b: Number(bounded(a.value + b.value), a.exact and b.exact),
    ast.Sub: lambda a, b: Number(bounded(a.value - b.value), a.exact and b.exact),
    ast.Mult: lambda a, b: Number(bounded(a.value * b.value), a.exact and b.exact),
    ast.Div: divide,
    ast.FloorDiv: floor_divide,
    ast.Mod: remainder,
    ast.Pow: power,
}


def calculate(expression: str) -> Number:
    """The value of the expression. Raises CalculationError. 500 characters take milliseconds at most.

    Of several faults it tells a character that it cannot read first, then a token in a wrong place, then what cannot
    be calculated.
    """
    if len(expression) > EXPRESSION_CHARS:
        raise CalculationError(f"the expression is longer than {EXPRESSION_CHARS} characters")
    return _value(ast.parse(_python_source(list(tokens(expression))), mode="eval").body)


def _value(node: ast.expr) -> Number:
    match node:
        case ast.Constant(value=str(digits)):
            return Number(bounded(Fraction(digits)))
        case ast.Name(id=name):
            return functions.CONSTANTS[name]
        case ast.UnaryOp(op=ast.UAdd() | ast.USub() as sign, operand=operand):
            number = _value(operand)
            return Number(-number.value, number.exact) if isinstance(sign, ast.USub) else number
        case ast.BinOp(left=left, op=operator, right=right):
            return _OPERATIONS[type(operator)](_value(left), _value(right))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return functions.call(name, [_value(argument) for argument in arguments])
        case _:
            raise CalculationError("the expression is no arithmetic")


@dataclass(slots=True)
class _Group:
    """An open parenthesis. `powers`: how many exponents are open in it, each within the one before."""

    is_call: bool = False
    powers: int = 0


_Place = Callable[[Token, list[_Group]], "_Place"]
"""A place in an expression: a function that checks the token there and returns the next place."""


def _python_source(expression: list[Token]) -> str:
    """The expression as Python. Raises CalculationError for the first token that is not in its place."""
    source: list[str] = []
    groups = [_Group()]
    place: _Place = _operand
    for token in expression:
        place = place(token, groups)
        if sum(1 + group.powers for group in groups) > 1 + _DEPTH:
            raise CalculationError(f"more than {_DEPTH} levels within one another")
        source.append(repr(token.text) if token.kind == "number" else token.text.lower().replace("^", "**"))
    return "".join(source)


def _operand(token: Token, groups: list[_Group]) -> _Place:
    name = token.text.lower()
    if token.kind == "number" or name in functions.CONSTANTS:
        return _operator
    if name in functions.FUNCTIONS:
        return _arguments
    if token.kind == "name":
        raise CalculationError(f"unknown name {token.shown}")
    if token.text not in {"+", "-", "("}:
        raise CalculationError(f"a number is missing before {token.shown}")
    if token.text == "(":
        groups.append(_Group())
    return _operand


def _arguments(token: Token, groups: list[_Group]) -> _Place:
    if token.text != "(":
        raise CalculationError(f"'(' is missing before {token.shown}")
    groups.append(_Group(is_call=True))
    return _operand


def _operator(token: Token, groups: list[_Group]) -> _Place:
    if token.text in {"^", "**"}:
        groups[-1].powers += 1
        return _operand
    if token.text in {"+", "-", "*", "/", "//", "%"} or (token.text == "," and groups[-1].is_call):
        groups[-1].powers = 0
        return _operand
    if len(groups) == 1 and token.kind != "end":
        raise CalculationError(f"unexpected {token.shown}")
    if len(groups) > 1 and token.text != ")":
        raise CalculationError(f"')' is missing before {token.shown}")
    groups.pop()
    return _operator
