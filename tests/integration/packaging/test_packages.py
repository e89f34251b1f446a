"""The packages for Lambda: complete, small, licensed and reproducible."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.packaging.budgets import budget_of
from infra.packaging.build import Package, build
from infra.packaging.functions import FUNCTIONS
from infra.packaging.import_cost import measure_import_cost
from infra.packaging.target import Target
from shared.aws.call_limits import CALL_LIMITS

HERE = Target.here()
NAMES = [each.full_name for each in FUNCTIONS]


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Package]]:
    built = build(HERE, tmp_path_factory.mktemp("functions"))
    return {package.function.full_name: package for package in built}


def names(package: Package) -> list[str]:
    with zipfile.ZipFile(package.path) as archive:
        return archive.namelist()


@pytest.mark.parametrize("name", NAMES)
def test_a_package_is_within_its_size_budget(packages: dict[str, Package], name: str) -> None:
    package = packages[name]
    assert package.zip_bytes / 1e6 <= budget_of(package.function).zip_mb


@pytest.mark.parametrize("name", ["chat-http", "chat-turns", "chat-relay", "agents-calls", "analytics-events"])
def test_a_package_contains_its_imports_within_the_module_budget(packages: dict[str, Package], name: str) -> None:
    package = packages[name]
    cost = measure_import_cost(package)
    assert cost.modules <= budget_of(package.function).modules, cost


@pytest.mark.parametrize("name", NAMES)
def test_a_package_contains_no_tests_and_no_tools(packages: dict[str, Package], name: str) -> None:
    for each in names(packages[name]):
        assert not each.startswith(("tests/", "infra/", "frontend/", "docs/", "bin/", "..")), each
        assert "/tests/" not in each, each


@pytest.mark.parametrize("name", NAMES)
def test_every_distribution_has_a_licence(packages: dict[str, Package], name: str) -> None:
    with zipfile.ZipFile(packages[name].path) as archive:
        licences = archive.read("LICENCES.txt").decode()
        found = {path.split("/")[0].split("-")[0].lower() for path in archive.namelist() if ".dist-info/" in path}
    assert "LICENSE" in names(packages[name])
    for distribution in found:
        line = [
            each
            for each in licences.splitlines()
            if each.split(" ")[0].replace("-", "_").lower() == distribution.lower()
        ]
        assert line, distribution
        assert not line[0].endswith(": "), line


def test_botocore_has_the_data_of_called_services_only(packages: dict[str, Package]) -> None:
    data = {each.split("/")[2] for each in names(packages["chat-http"]) if each.startswith("botocore/data/")}
    assert {each for each in data if "." not in each} == set(CALL_LIMITS)
    assert "endpoints.json" in data


@pytest.mark.parametrize("name", ["chat-http", "bots-relay"])
def test_the_same_source_gives_the_same_bytes(packages: dict[str, Package], tmp_path: Path, name: str) -> None:
    function = packages[name].function
    (again,) = build(HERE, tmp_path, (function,))
    assert again.sha256 == packages[name].sha256
