"""Tool `calculator`: exact arithmetic, which models do not do reliably."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.agents.arithmetic import (
    EXPRESSION_CHARS,
    SIGNIFICANT_DIGITS,
    CalculationError,
    calculate,
    to_text,
)
from services.agents.tools.tool import Tool, ToolFailedError

_DESCRIPTION: Final = (
    "Calculates an arithmetic expression exactly. Operators: + - * / // (floor division) % (remainder) ^ (power) and "
    "parentheses. Functions: abs, ceil, exp, factorial, floor, ln, log10, max, min, round(x, places), sqrt. Constants: "
    "pi, e. Numbers have a decimal point and no thousands separators. Example: round(1250 * 1.07^10, 2)"
)


class Calculation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    expression: Annotated[str, StringConstraints(min_length=1, max_length=EXPRESSION_CHARS)] = Field(
        description="such as (2 + 3) * 4^2", examples=["round(1250 * 1.07^10, 2)"]
    )


class Result(BaseModel):
    result: str = Field(description="in decimal notation")
    exact: bool = Field(description="whether nothing was rounded")


async def _run(calculation: Calculation) -> Result:
    try:
        result, exact = to_text(calculate(calculation.expression))
    except CalculationError as error:
        raise ToolFailedError(str(error)) from None
    return Result(result=result, exact=exact)


CALCULATOR: Final = Tool(
    name="calculator",
    description=_DESCRIPTION,
    input=Calculation,
    output=Result,
    run=_run,
    limits={"expression_characters": EXPRESSION_CHARS, "significant_digits_of_broken_numbers": SIGNIFICANT_DIGITS},
    timeout_s=2.0,
    repeatable=True,
)
