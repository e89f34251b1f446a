"""Deployment: the order of the stacks, the parameters of each, and checks before the first one."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from infra.deploy import deployment
from infra.deploy.account import Account
from infra.deploy.change_sets import PollPolicy
from infra.deploy.config import DeployConfig
from infra.deploy.deployment import Deployment
from infra.deploy.desired_stack import Overrides
from infra.deploy.parameters import InvalidParameterError
from infra.deploy.stacks import Stack
from infra.deploy.stages import NotApprovedError
from infra.deploy.terminal import Terminal
from tests.fakes.buckets import FakeBuckets
from tests.fakes.cloudformation import FakeCloudFormation, FakeStack

POOL = {"UserPoolId": "pool", "UserPoolClientId": "client", "EdgeWebAclArn": "acl"}
SERVICES = ["chat", "bots", "ingest", "agents", "analytics"]


class FakeParameters:
    def get_parameter(self, *, Name: str) -> dict[str, Any]:  # noqa: N803 - AWS's
        return {"Parameter": {"Value": f"https:/{Name}"}}


class World:
    """An account with CloudFormation and S3 in two regions; `desired` has the parameters of each desired stack."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, pages: Path) -> None:
        self.clouds: dict[str, FakeCloudFormation] = {}
        self.buckets: dict[str, FakeBuckets] = {}
        self.desired: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.pages = pages
        self.outputs = {
            "platform": POOL,
            "edge-global": {"FirewallArn": "waf"},
            "edge": {"Address": "https://e", "SiteBucket": "site"},
        }
        monkeypatch.setattr(deployment, "desired_stack", self._desired_stack)

    def connect(self, service: str, region: str) -> Any:
        if service == "ssm":
            return FakeParameters()
        if service == "s3":
            found = self.buckets.setdefault(region, FakeBuckets(region))
            found.buckets.setdefault("site", {})
            return found
        return self.clouds.setdefault(region, Cloud(self.outputs))

    def deployment(self, config: DeployConfig, *, confirm: bool = True) -> Deployment:
        terminal = Terminal(say=lambda _: None, ask=lambda _: "y" if confirm else "n")
        account = Account("123", "eu-west-1", self.connect)
        return Deployment("prod", config, account, terminal, self.pages, PollPolicy(5, 0.001))

    def parameters_of(self, name: str) -> list[dict[str, str]]:
        return [parameters for each, parameters, _ in self.desired if each == name]

    def _desired_stack(
        self, name: str, overrides: Overrides, artifacts: Any, dependency_outputs: Mapping[str, str]
    ) -> Stack:
        assert artifacts.bucket.startswith("colloquy-prod-artifacts-123-")
        self.desired.append((name, dict(overrides.parameters), dict(dependency_outputs)))
        return Stack(f"colloquy-prod-{name}", name, dict(overrides.parameters))


class Cloud(FakeCloudFormation):
    """A CloudFormation whose stacks have the given outputs."""

    def __init__(self, outputs: Mapping[str, Mapping[str, str]]) -> None:
        super().__init__()
        self._outputs = outputs

    def create_change_set(self, **request: Any) -> dict[str, str]:
        change_set = super().create_change_set(**request)
        name = request["StackName"].removeprefix("colloquy-prod-")
        self.stacks[request["StackName"]].outputs = self._outputs.get(name, {})
        return change_set


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    (tmp_path / "index.html").write_text("<html>")
    return World(monkeypatch, tmp_path)


def names(world: World) -> list[str]:
    return [name for name, _, _ in world.desired]


def test_the_platform_is_deployed_before_services_and_the_edge_last(world: World) -> None:
    deployed = world.deployment(DeployConfig()).run()
    assert names(world) == ["platform", *SERVICES, "edge-global", "edge"]
    assert (deployed.address, deployed.user_pool, deployed.files) == ("https://e", "pool", 2)
    assert deployed.apis["bots"].endswith("/colloquy/prod/bots/api-url")


def test_services_get_the_outputs_and_the_edge_acl_of_the_platform(world: World) -> None:
    world.deployment(DeployConfig()).run()
    for name, parameters, dependency_outputs in world.desired:
        if name in SERVICES:
            assert parameters["EdgeWebAclArn"] == "acl"
            assert dependency_outputs == POOL


def test_the_firewall_is_deployed_to_us_east_1_and_passed_to_the_edge(world: World) -> None:
    world.deployment(DeployConfig()).run()
    assert [name for _, name in world.clouds["us-east-1"].calls] == ["colloquy-prod-edge-global"] * 2
    assert world.parameters_of("edge")[0]["FirewallArn"] == "waf"


def test_without_a_firewall_nothing_is_deployed_to_us_east_1(world: World) -> None:
    world.deployment(DeployConfig(firewall=False)).run()
    assert "us-east-1" not in world.clouds
    assert "FirewallArn" not in world.parameters_of("edge")[0]


def test_a_second_run_changes_nothing(world: World) -> None:
    world.deployment(DeployConfig()).run()
    for cloud in world.clouds.values():
        cloud.calls.clear()
    assert world.deployment(DeployConfig(), confirm=False).run().files == 0
    assert {action for cloud in world.clouds.values() for action, _ in cloud.calls} == {"prepare", "drop"}


def test_the_platform_is_updated_with_the_address_of_the_edge_for_hosted_sign_in(world: World) -> None:
    config = DeployConfig(parameters={"UserPoolDomainPrefix": "mine"})
    world.outputs["platform"] = POOL | {"HostedSignInDomain": "https://mine.auth"}
    world.deployment(config).run()
    assert [each.get("AppUrls") for each in world.parameters_of("platform")] == [None, "https://e"]
    assert world.parameters_of("edge")[0]["HostedSignInDomain"] == "https://mine.auth"
    world.desired.clear()
    world.deployment(config).run()
    assert [each.get("AppUrls") for each in world.parameters_of("platform")] == ["https://e"]


def test_given_app_urls_are_not_replaced(world: World) -> None:
    world.deployment(DeployConfig(parameters={"UserPoolDomainPrefix": "mine", "AppUrls": "https://own"})).run()
    assert [each["AppUrls"] for each in world.parameters_of("platform")] == ["https://own"]


def test_an_unapproved_change_ends_the_deployment(world: World) -> None:
    with pytest.raises(NotApprovedError):
        world.deployment(DeployConfig(), confirm=False).run()
    assert names(world) == ["platform"]


def test_a_stack_whose_creation_failed_is_deleted_first(world: World) -> None:
    world.clouds["eu-west-1"] = cloud = Cloud(world.outputs)
    cloud.stacks["colloquy-prod-platform"] = FakeStack("ROLLBACK_COMPLETE")
    world.deployment(DeployConfig()).run()
    assert ("delete", "colloquy-prod-platform") in cloud.calls


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({"Nothing": "1"}, "no template has a parameter Nothing"),
        ({"Canary": "Sometimes"}, "Canary: 'Sometimes' is none of"),
        ({"EdgeWebAclArn": "arn"}, "EdgeWebAclArn is set by the deployment itself"),
        ({"Compute": "process"}, "Compute is set by the deployment itself"),
        ({"Arch": "x86_64"}, "Arch is not a parameter: set arch beside"),
        ({"PythonRuntime": "python3.12"}, "PythonRuntime is not a parameter: set runtime beside"),
    ],
)
def test_invalid_parameters_are_refused_before_any_stack(
    world: World, parameters: dict[str, str], problem: str
) -> None:
    with pytest.raises(InvalidParameterError, match=problem):
        world.deployment(DeployConfig(parameters=parameters)).check()
    assert world.desired == []


def test_a_domain_without_us_east_1_needs_a_certificate(world: World) -> None:
    domain = {"AlternateDomainName": "chat.example.com", "HostedZoneId": "Z1"}
    with pytest.raises(InvalidParameterError, match="needs a CertificateArn"):
        world.deployment(DeployConfig(firewall=False, parameters=domain)).check()
    arn = {"CertificateArn": "arn:aws:acm:us-east-1:123:certificate/1"}
    world.deployment(DeployConfig(firewall=False, parameters=domain | arn)).check()
    world.deployment(DeployConfig(parameters=domain)).check()


@pytest.mark.parametrize("environment", ["Prod", "averylongname", "", "1a"])
def test_an_invalid_environment_name_is_refused(world: World, environment: str) -> None:
    deployment = world.deployment(DeployConfig())
    with pytest.raises(InvalidParameterError, match="Environment"):
        Deployment(environment, deployment.config, deployment.account, deployment.terminal, Path()).check()


def test_the_default_configuration_is_valid() -> None:
    sequence: Sequence[str] = deployment.ALL
    assert sequence[0] == "platform"
    Deployment("prod", DeployConfig(), Account("1", "eu-west-1", None), Terminal(), Path()).check()  # type: ignore[arg-type]
