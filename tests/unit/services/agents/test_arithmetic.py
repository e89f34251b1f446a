"""The calculator is exact where numbers allow it, limits its time and size, and never executes its input as code."""

import math
import re
import time
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.agents.arithmetic import EXPRESSION_CHARS, CalculationError, calculate, to_text

Case = tuple[str, Fraction]
Operation = Callable[[Fraction, Fraction], Fraction]

DECIMALS = st.decimals(0, 10**6, allow_nan=False, allow_infinity=False, places=4)
NUMBERS: st.SearchStrategy[Case] = st.one_of(
    st.integers(0, 10**12).map(lambda n: (str(n), Fraction(n))), DECIMALS.map(lambda d: (str(d), Fraction(d)))
)
OPERATIONS: dict[str, Operation] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: Fraction(a // b),
    "%": lambda a, b: a % b,
}


def _combined(parts: st.SearchStrategy[Case]) -> st.SearchStrategy[Case]:
    def combine(left: Case, sign: str, right: Case, negative: bool) -> Case:
        right = right if right[1] or sign not in {"/", "//", "%"} else ("7", Fraction(7))
        value = OPERATIONS[sign](left[1], right[1])
        text = f"({left[0]} {sign} {right[0]})"
        return (f"-{text}", -value) if negative else (text, value)

    return st.builds(combine, parts, st.sampled_from(sorted(OPERATIONS)), parts, st.booleans())


@given(st.recursive(NUMBERS, _combined, max_leaves=12).filter(lambda case: len(case[0]) <= EXPRESSION_CHARS))
def test_expressions_have_the_value_that_fractions_give(case: Case) -> None:
    expression, value = case
    number = calculate(expression)
    assert number == (value, True)
    shown, exact = to_text(number)
    if exact:
        assert Fraction(shown) == value
    else:
        assert abs(Fraction(shown) - value) <= abs(value) / 10**33


@given(st.lists(NUMBERS, min_size=2, max_size=8), st.lists(st.sampled_from("+-*"), min_size=7, max_size=7))
def test_without_parentheses_precedence_and_associativity_are_those_of_python(
    numbers: list[Case], signs: list[str]
) -> None:
    words = [numbers[0][0]]
    for sign, (text, _) in zip(signs, numbers[1:], strict=False):
        words += [sign, text]
    with localcontext() as context:
        context.prec = 200
        python = " ".join(f"Decimal('{word}')" if word not in "+-*" else word for word in words)
        expected = eval(python, {"Decimal": Decimal})  # noqa: S307 - the reference; its text is ours
        assert calculate(" ".join(words)).value == Fraction(expected)


@given(NUMBERS, st.integers(-30, 30))
def test_whole_powers_are_exact(base: Case, exponent: int) -> None:
    if base[1] or exponent >= 0:
        assert calculate(f"{base[0]}^{exponent}") == (base[1] ** exponent, True)


@given(st.fractions(0, 10**9, max_denominator=10**6))
def test_the_root_of_a_square_is_exact(root: Fraction) -> None:
    square = root * root
    assert calculate(f"sqrt({square.numerator}/{square.denominator})") == (root, True)


@given(st.floats(1e-6, 1e6), st.sampled_from(["ln", "log10", "sqrt", "exp"]))
def test_functions_agree_with_the_math_module(x: float, name: str) -> None:
    reference = {"ln": math.log, "log10": math.log10, "sqrt": math.sqrt, "exp": math.exp}[name]
    argument = x % 100 if name == "exp" else x
    value = calculate(f"{name}({Decimal(argument)})").value
    assert math.isclose(value, reference(argument), rel_tol=1e-9, abs_tol=1e-9)


@given(st.decimals(-(10**6), 10**6, places=5), st.integers(0, 4))
def test_halves_are_rounded_away_from_zero(x: Decimal, places: int) -> None:
    expected = x.quantize(Decimal(1).scaleb(-places), rounding="ROUND_HALF_UP")
    assert calculate(f"round({x}, {places})").value == Fraction(expected)


@pytest.mark.parametrize(
    ("expression", "result", "exact"),
    [
        ("0.1 + 0.2", "0.3", True),
        ("1/3*3", "1", True),
        ("1/3", "0.3333333333333333333333333333333333", False),
        ("2/3", "0.6666666666666666666666666666666667", False),
        ("-2^2", "-4", True),
        ("2^3^2", "512", True),
        ("2^-1", "0.5", True),
        ("--3", "3", True),
        ("7 % -3", "-2", True),
        ("7 // 2", "3", True),
        ("4^0.5", "2", False),
        ("(-1)^100001", "-1", True),
        ("0^0", "1", True),
        ("6 × 7 ÷ 2 − 1", "20", True),  # noqa: RUF001
        (".5 + 5.", "5.5", True),
        ("1.5e3", "1500", True),
        ("PI", "3.141592653589793238462643383279503", False),
        ("max(1, 3, 2) - min(4, 2)", "1", True),
        ("round(1250 * 1.07^10, 2)", "2458.94", True),
        ("round(1234.5, -2)", "1200", True),
        ("floor(-1.5) + ceil(-1.5) + abs(-1.5)", "-1.5", True),
        ("factorial(20)", "2432902008176640000", True),
        ("log10(1000) + log10(0.001) + ln(1)", "0", True),
        ("2^100", "1267650600228229401496703205376", True),
        ("2^0.5", "1.414213562373095048801688724209698", False),
        ("10^-20", "1E-20", True),
        ("exp(1) - e", "0", False),
        (" 1 ", "1", True),
        ("2**3 - Sqrt(4)", "6", True),
        ("007 + 0.10", "7.1", True),
        ("0.1234567890123456789012345678901", "0.1234567890123456789012345678901", True),
    ],
)
def test_an_expression_has_its_expected_result(expression: str, result: str, exact: bool) -> None:
    shown, is_exact = to_text(calculate(expression))
    if expression == "exp(1) - e":  # both terms are rounded, so a tiny rest may remain
        assert abs(Decimal(shown)) < Decimal("1e-48")
    else:
        assert (shown, is_exact) == (result, exact)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "missing before the end"),
        ("2 +", "missing before the end"),
        ("(1", "')' is missing before the end"),
        ("1)", "unexpected ')' at position 2"),
        ("1 2", "unexpected '2' at position 3"),
        ("2(3)", "unexpected '(' at position 2"),
        ("1,000", "unexpected ',' at position 2"),
        ("* 3", "missing before '*' at position 1"),
        ("1 / 0", "division by zero"),
        ("1 // 0", "division by zero"),
        ("1 % 0", "division by zero"),
        ("0 ^ -1", "division by zero"),
        ("0 ^ -0.5", "division by zero"),
        ("(-8)^(1/3)", "no real number"),
        ("sqrt(-1)", "no real number"),
        ("ln(0)", "above zero"),
        ("log10(-1)", "above zero"),
        ("sqrt", "'(' is missing"),
        ("sqrt()", "missing before ')'"),
        ("sqrt(1, 2)", "sqrt takes 1 argument"),
        ("round(1, 2, 3)", "round takes 1 to 2 arguments"),
        ("round(1, 0.5)", "whole number"),
        ("factorial(1001)", "whole number from 0 to 1000"),
        ("factorial(-1)", "whole number"),
        ("__import__('os')", "cannot read '_'"),
        ("os.system", "cannot read '.'"),
        ("1j", "unexpected 'j'"),
        ("0x10", "unexpected 'x10'"),
        ("0b1", "unexpected 'b1'"),
        ("(1, 2)", "')' is missing before ',' at position 3"),
        ("()", "missing before ')'"),
        ("max(1,)", "missing before ')'"),
        ("max(*1)", "missing before '*'"),
        ("(max)(1)", "'(' is missing before ')'"),
        ("pi(1)", "unexpected '('"),
        ("1 if 1 else 2", "unexpected 'if'"),
        ("not 1", "unknown name 'not'"),
        ("1 < 2", "cannot read '<'"),
        ("true", "unknown name 'true'"),
        ("\u0661 + \u0661", "cannot read"),
        ("1\0", "cannot read"),
        ("[1]", "cannot read '['"),
        ("1 == 1", "cannot read '='"),
        ("1" * (EXPRESSION_CHARS + 1), "longer than"),
        ("(" * 51 + "1" + ")" * 51, "more than 50 levels"),
        ("^".join("1" * 60), "more than 50 levels"),
    ],
)
def test_an_invalid_expression_raises_an_error_with_the_reason(expression: str, message: str) -> None:
    with pytest.raises(CalculationError) as caught:
        calculate(expression)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("expression", "message"),
    [("1/0 + foo #", "cannot read '#'"), ("1/0 + foo 2", "unknown name 'foo'"), ("1/0 + sqrt(-1)", "division by zero")],
)
def test_of_several_errors_one_found_without_calculation_is_raised(expression: str, message: str) -> None:
    with pytest.raises(CalculationError, match=re.escape(message)):
        calculate(expression)


BOMBS = [
    "9^9^9",
    "9^9999",
    "(1/9)^9999",
    "1e9999",
    "1e-9999",
    "exp(99999)",
    "exp(-99999)",
    "(2^0.5)^9999.5",
    "0.5^99999.5",
    "*".join(["factorial(1000)"] * 30),
    "+".join(f"1/{n}" for n in range(100001, 100071)),
    "-" * 499 + "1",
    "+".join("1" * 250),
    "max(" * 50 + "1" + ")" * 50,
    "(" * 49 + "^".join(["(2"] + ["1"] * 40),
    "factorial(" * 40 + "3" + ")" * 40,
    "9" * 250 + "^" + "9" * 249,
    "ln(" + "9" * 490 + ")",
]


@pytest.mark.parametrize("expression", BOMBS)
def test_no_expression_takes_long(expression: str) -> None:
    began = time.process_time()
    with suppress(CalculationError):
        shown, _ = to_text(calculate(expression))
        assert len(shown) <= 3_100
    assert time.process_time() - began < 0.5


def _calculated_or_refused(expression: str) -> None:
    """Any exception but a CalculationError fails the test."""
    with suppress(CalculationError):
        shown, _ = to_text(calculate(expression))
        Decimal(shown)


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from(
            [*"0123456789.+-*/%^(),eE ", "**", "//", "sqrt(", "exp(", "factorial(", "round(", "pi", "9e999"]
        ),
        max_size=60,
    ).map("".join)
)
def test_any_sequence_of_tokens_gives_a_number_or_a_calculation_error(expression: str) -> None:
    _calculated_or_refused(expression)


@given(st.text(max_size=40))
def test_any_characters_give_a_number_or_a_calculation_error(expression: str) -> None:
    _calculated_or_refused(expression)
