"""docs/models.md describes every field of the catalogue's files, and its example is a valid entry."""

import json
import re

import pytest

from shared.catalogue import Capabilities, Model, Prices, Thinking
from shared.catalogue.capabilities import Entry
from shared.catalogue.data import _entry, _read
from shared.catalogue.prices import Rates
from tests.stack import ROOT

PAGE = (ROOT / "docs/models.md").read_text(encoding="utf-8")


def fields_of_tables() -> set[str]:
    cells = re.findall(r"^\| (`[^|]+`) \|", PAGE, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


@pytest.mark.parametrize("part", [Model, Capabilities, Thinking, Prices])
def test_the_page_has_a_row_for_each_field(part: type[Entry]) -> None:
    assert part.model_fields.keys() - (Rates.model_fields if part is Prices else {}) <= fields_of_tables()


def test_the_tables_have_no_fields_that_do_not_exist() -> None:
    known = {name for part in (Model, Capabilities, Thinking, Prices) for name in part.model_fields}
    assert fields_of_tables() <= known


def test_the_example_is_an_entry_for_the_file_of_its_provider() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    provider = _read("anthropic")
    model = Model.model_validate(
        _entry(provider, json.loads(example), _read("index")["families"] | provider["families"])
    )
    assert model.capabilities.thinking.bound
    assert model.capabilities.thinking.off == {"thinking": {"type": "disabled"}}
