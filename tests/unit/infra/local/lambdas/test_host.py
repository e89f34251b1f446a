"""FunctionHost: functions are found on demand and kept per version."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.local.lambdas import host as hosting
from infra.local.lambdas.deployed_function import DeployedFunction, HostTools
from infra.local.lambdas.execution_environment import Plan
from infra.local.lambdas.host import FunctionHost, QualifiedFunction

TOOLS = HostTools(Path("/adapter"), Path("/ric"), Path("/tasks"))


class FakeDeployments:
    """Resolves the alias `live` to `version`; counts its calls."""

    def __init__(self) -> None:
        self.version, self.lookups, self.plans = "1", 0, 0
        self.local: dict[str, dict[str, str]] = {}

    def find(self, _client: Any, name: str, qualifier: str) -> DeployedFunction:
        self.lookups += 1
        deployments = self

        class Planned(DeployedFunction):
            def plan(self, tools: HostTools, local: Mapping[str, str]) -> Plan:
                assert tools == TOOLS
                deployments.local[self.name] = dict(local)
                deployments.plans += 1
                return Plan(self.name, ("true",), Path("/"), {}, 1)

        version = self.version if qualifier == "live" else qualifier
        return Planned(name, version, "h", {}, 1, 128, is_http=False, code="")


@pytest.fixture
def deployments(monkeypatch: pytest.MonkeyPatch) -> FakeDeployments:
    found = FakeDeployments()
    monkeypatch.setattr(hosting.DeployedFunction, "find", found.find)
    return found


@pytest.fixture
def host(deployments: FakeDeployments, tmp_path: Path) -> FunctionHost:  # noqa: ARG001 - patches before the host is created
    return FunctionHost(None, TOOLS, {"A": "1"}, tmp_path, {"chat": {"KEY": "2"}})


async def test_a_function_is_looked_up_once(host: FunctionHost, deployments: FakeDeployments) -> None:
    first = await host.function("f", "live")
    assert await host.function("f", "live") is first
    assert (deployments.lookups, deployments.plans) == (1, 1)


async def test_variables_of_one_service_reach_only_its_functions(
    host: FunctionHost, deployments: FakeDeployments
) -> None:
    for name in ("colloquy-local-chat-Http-ABC", "colloquy-local-bots-Http-ABC"):
        await host.function(name, "live")
    assert deployments.local == {
        "colloquy-local-chat-Http-ABC": {"A": "1", "KEY": "2"},
        "colloquy-local-bots-Http-ABC": {"A": "1"},
    }


async def test_an_alias_and_its_version_are_the_same_function(host: FunctionHost) -> None:
    assert await host.function("f", "live") is await host.function("f", "1")


async def test_after_a_deployment_the_alias_is_the_new_version_and_the_old_one_is_kept(
    host: FunctionHost, deployments: FakeDeployments, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await host.function("f", "live")
    deployments.version = "2"
    monkeypatch.setattr(hosting, "_ALIAS_CACHE_S", -1)
    second = await host.function("f", "live")
    assert second is not first
    assert await host.function("f", "1") is first


async def test_an_integration_invokes_the_current_version_of_its_alias(host: FunctionHost) -> None:
    function = await host.function("f", "live")
    seen: list[bytes] = []

    async def invoke(event: bytes) -> str:
        seen.append(event)
        return "invocation"

    function.invoke = invoke  # type: ignore[method-assign, assignment]
    assert await QualifiedFunction(host, "f", "live").invoke(b"{}") == "invocation"  # type: ignore[comparison-overlap]
    assert seen == [b"{}"]


async def test_the_title_of_a_function_contains_its_stack(host: FunctionHost) -> None:
    function = await host.function("colloquy-local-chat-Turns-X", "live")
    assert function.title == "chat-Turns"
    assert replace(function.plan, name="other").name == "other"
