"""The table of functions agrees with the services."""

from importlib import import_module
from pathlib import Path

import pytest

from infra.packaging.functions import FUNCTIONS, SERVICES, Function

ROOT = Path(__file__).resolve().parents[4]


def test_every_service_has_an_http_function() -> None:
    services = {path.parent.name for path in ROOT.glob("services/*/__main__.py")}
    assert {each.service for each in FUNCTIONS if each.is_http} == services == set(SERVICES)


@pytest.mark.parametrize("function", [each for each in FUNCTIONS if not each.is_http], ids=lambda each: each.full_name)
def test_a_consumers_package_is_named_after_its_handler(function: Function) -> None:
    assert callable(getattr(import_module(function.entry), function.name))


def test_package_names_are_unique() -> None:
    assert len({each.file_name for each in FUNCTIONS}) == len(FUNCTIONS)
