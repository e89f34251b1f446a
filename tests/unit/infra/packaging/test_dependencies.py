"""The contents of a function's package: the modules that its entry imports and their requirements."""

from pathlib import Path

import pytest

from infra.packaging.dependencies import Installed, reachable_modules, requested_extras
from infra.packaging.functions import FUNCTIONS, Function
from infra.packaging.target import Target

HERE = Target("arm64", "3.13")


def install(folder: Path, name: str, module: str, *requires: str) -> None:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    needs = "".join(f"Requires-Dist: {each}\n" for each in requires)
    (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\n{needs}")
    (info / "RECORD").write_text(f"{module}/__init__.py,,\n{info.name}/METADATA,,\n")
    (folder / module).mkdir(exist_ok=True)
    (folder / module / "__init__.py").write_text("")


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    install(tmp_path, "Web_Server", "web", "sockets", "colour; extra == 'pretty'", "old; python_version < '3.12'")
    for name in ("sockets", "colour", "old", "unused"):
        install(tmp_path, name, name)
    return Installed(tmp_path)


def names(installed: Installed, modules: set[str], extras: dict[str, frozenset[str]] | None = None) -> list[str]:
    return [each.name for each in installed.distributions_for(modules, extras or {}, HERE)]


def test_imported_distributions_are_included_with_their_requirements_for_the_target(installed: Installed) -> None:
    assert names(installed, {"web.routing", "json"}) == ["sockets", "Web_Server"]


def test_an_extra_is_included_only_if_requested(installed: Installed) -> None:
    extras = requested_extras(["web-server[pretty]>=1", "sockets"])
    assert names(installed, {"web"}, extras) == ["colour", "sockets", "Web_Server"]


def test_distributions_that_are_not_imported_are_left_out(installed: Installed) -> None:
    assert names(installed, {"shared", "services"}) == []


@pytest.mark.parametrize("function", FUNCTIONS, ids=[each.full_name for each in FUNCTIONS])
def test_a_function_reaches_its_own_service_and_no_other(function: Function) -> None:
    modules = reachable_modules(function.entry)
    services = {module.split(".")[1] for module in modules if module.startswith("services.")}
    assert services == {function.service}
    assert {"services", f"services.{function.service}", "shared"} <= modules


def test_a_relay_imports_neither_the_services_logic_nor_token_verification() -> None:
    modules = reachable_modules("services.chat.lambda_relay")
    assert {"services.chat.turns.runner", "shared.identity.tokens", "jwt"}.isdisjoint(modules)


def test_imports_for_type_checkers_are_left_out() -> None:
    modules = reachable_modules("services.chat.__main__")
    assert not [each for each in modules if each.startswith("types_aiobotocore")]
    assert "aws_lambda_powertools" not in modules


def test_a_missing_module_raises_lookup_error() -> None:
    with pytest.raises(LookupError, match="services\\.chat\\.gone"):
        reachable_modules("services.chat.gone")
