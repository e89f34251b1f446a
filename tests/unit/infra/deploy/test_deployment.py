"""In which order stacks come, what each is told of those before it, and what is refused before any."""

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
    """An account with CloudFormation and S3 in two regions; every stack's parameters as they were wanted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, pages: Path) -> None:
        self.clouds: dict[str, FakeCloudFormation] = {}
        self.buckets: dict[str, FakeBuckets] = {}
        self.wanted: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.pages = pages
        self.outputs = {
            "platform": POOL,
            "edge-global": {"FirewallArn": "waf"},
            "edge": {"Address": "https://e", "SiteBucket": "site"},
        }
        monkeypatch.setattr(deployment, "desired_stack", self._wanted)

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

    def told(self, name: str) -> list[dict[str, str]]:
        return [told for each, told, _ in self.wanted if each == name]

    def _wanted(self, name: str, overrides: Overrides, artifacts: Any, dependency_outputs: Mapping[str, str]) -> Stack:
        assert artifacts.bucket.startswith("colloquy-prod-artifacts-123-")
        self.wanted.append((name, dict(overrides.parameters), dict(dependency_outputs)))
        return Stack(f"colloquy-prod-{name}", name, dict(overrides.parameters))


class Cloud(FakeCloudFormation):
    """Whose stacks have the outputs of their kind."""

    def __init__(self, outputs: Mapping[str, Mapping[str, str]]) -> None:
        super().__init__()
        self._outputs = outputs

    def create_change_set(self, **asked: Any) -> dict[str, str]:
        made = super().create_change_set(**asked)
        name = asked["StackName"].removeprefix("colloquy-prod-")
        self.stacks[asked["StackName"]].outputs = self._outputs.get(name, {})
        return made


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    (tmp_path / "index.html").write_text("<html>")
    return World(monkeypatch, tmp_path)


def names(world: World) -> list[str]:
    return [name for name, _, _ in world.wanted]


def test_platform_then_services_then_the_edge(world: World) -> None:
    deployed = world.deployment(DeployConfig()).run()
    assert names(world) == ["platform", *SERVICES, "edge-global", "edge"]
    assert (deployed.address, deployed.user_pool, deployed.files) == ("https://e", "pool", 2)
    assert deployed.apis["bots"].endswith("/colloquy/prod/bots/api-url")


def test_services_stand_on_the_platform_and_behind_its_guard(world: World) -> None:
    world.deployment(DeployConfig()).run()
    for name, told, dependency_outputs in world.wanted:
        if name in SERVICES:
            assert told["EdgeWebAclArn"] == "acl"
            assert dependency_outputs == POOL


def test_the_firewall_is_made_in_its_region_and_told_to_the_edge(world: World) -> None:
    world.deployment(DeployConfig()).run()
    assert [name for _, name in world.clouds["us-east-1"].calls] == ["colloquy-prod-edge-global"] * 2
    assert world.told("edge")[0]["FirewallArn"] == "waf"


def test_without_a_firewall_nothing_is_made_there(world: World) -> None:
    world.deployment(DeployConfig(firewall=False)).run()
    assert "us-east-1" not in world.clouds
    assert "FirewallArn" not in world.told("edge")[0]


def test_begun_again_nothing_changes(world: World) -> None:
    world.deployment(DeployConfig()).run()
    for cloud in world.clouds.values():
        cloud.calls.clear()
    assert world.deployment(DeployConfig(), confirm=False).run().files == 0
    assert {act for cloud in world.clouds.values() for act, _ in cloud.calls} == {"prepare", "drop"}


def test_hosted_sign_in_learns_the_edges_address_once_there_is_one(world: World) -> None:
    config = DeployConfig(parameters={"UserPoolDomainPrefix": "mine"})
    world.outputs["platform"] = POOL | {"HostedSignInDomain": "https://mine.auth"}
    world.deployment(config).run()
    assert [told.get("AppUrls") for told in world.told("platform")] == [None, "https://e"]
    assert world.told("edge")[0]["HostedSignInDomain"] == "https://mine.auth"
    world.wanted.clear()
    world.deployment(config).run()
    assert [told.get("AppUrls") for told in world.told("platform")] == ["https://e"]


def test_addresses_that_were_wished_for_stay(world: World) -> None:
    world.deployment(DeployConfig(parameters={"UserPoolDomainPrefix": "mine", "AppUrls": "https://own"})).run()
    assert [told["AppUrls"] for told in world.told("platform")] == ["https://own"]


def test_a_no_ends_it_there(world: World) -> None:
    with pytest.raises(NotApprovedError):
        world.deployment(DeployConfig(), confirm=False).run()
    assert names(world) == ["platform"]


def test_what_broke_off_goes_on(world: World) -> None:
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
def test_wishes_that_cannot_be_are_refused_first(world: World, parameters: dict[str, str], problem: str) -> None:
    with pytest.raises(InvalidParameterError, match=problem):
        world.deployment(DeployConfig(parameters=parameters)).check()
    assert world.wanted == []


def test_a_domain_without_us_east_1_needs_a_certificate(world: World) -> None:
    domain = {"AlternateDomainName": "chat.example.com", "HostedZoneId": "Z1"}
    with pytest.raises(InvalidParameterError, match="needs a CertificateArn"):
        world.deployment(DeployConfig(firewall=False, parameters=domain)).check()
    arn = {"CertificateArn": "arn:aws:acm:us-east-1:123:certificate/1"}
    world.deployment(DeployConfig(firewall=False, parameters=domain | arn)).check()
    world.deployment(DeployConfig(parameters=domain)).check()


@pytest.mark.parametrize("environment", ["Prod", "averylongname", "", "1a"])
def test_the_environments_name_is_one_that_all_names_can_carry(world: World, environment: str) -> None:
    deployment = world.deployment(DeployConfig())
    with pytest.raises(InvalidParameterError, match="Environment"):
        Deployment(environment, deployment.config, deployment.account, deployment.terminal, Path()).check()


def test_what_is_usual_is_well() -> None:
    sequence: Sequence[str] = deployment.ALL
    assert sequence[0] == "platform"
    Deployment("prod", DeployConfig(), Account("1", "eu-west-1", None), Terminal(), Path()).check()  # type: ignore[arg-type]
