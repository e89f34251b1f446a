"""The pages about `make chaos` and `make bench` have exactly the existing cases."""

import re
from collections.abc import Sequence
from typing import Any

import pytest

from tests.bench.table import CASES as BENCH
from tests.chaos.table import CASES as CHAOS
from tests.stack import ROOT
from tests.trials.case import Case


@pytest.mark.parametrize(("page", "cases"), [("chaos", CHAOS), ("bench", BENCH)], ids=["chaos", "bench"])
def test_the_page_has_a_row_for_each_case(page: str, cases: Sequence[Case[Any]]) -> None:
    text = (ROOT / f"docs/{page}.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == [case.name for case in cases]
