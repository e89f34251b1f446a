"""The table of functions, beside the services that they are made of."""

from importlib import import_module
from pathlib import Path

import pytest

from infra.packaging.functions import FUNCTIONS, SERVICES, Function

ROOT = Path(__file__).resolve().parents[4]


def test_every_service_answers_by_a_function() -> None:
    there = {path.parent.name for path in ROOT.glob("services/*/__main__.py")}
    assert {each.service for each in FUNCTIONS if each.is_http} == there == set(SERVICES)


@pytest.mark.parametrize("function", [each for each in FUNCTIONS if not each.is_http], ids=lambda each: each.full_name)
def test_a_consumers_package_is_named_after_its_handler(function: Function) -> None:
    assert callable(getattr(import_module(function.entry), function.name))


def test_no_two_packages_have_one_name() -> None:
    assert len({each.file_name for each in FUNCTIONS}) == len(FUNCTIONS)
