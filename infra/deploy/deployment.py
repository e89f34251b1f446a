"""A deployment from its first stack to its address. Begun again it goes on: what is as wanted is left alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from infra.deploy import parameters, site, stacks
from infra.deploy.account import Account
from infra.deploy.artifacts import Artifacts
from infra.deploy.change_sets import PollPolicy
from infra.deploy.config import DeployConfig
from infra.deploy.desired_stack import Overrides, desired_stack
from infra.deploy.stack_names import EDGE, EDGE_GLOBAL, EDGE_GLOBAL_REGION, PLATFORM, SERVICES, stack_name
from infra.deploy.stages import apply_stacks
from infra.deploy.templates import Template, load
from infra.deploy.terminal import Terminal

ALL: Final = (PLATFORM, *SERVICES, EDGE_GLOBAL, EDGE)
POLL: Final = PollPolicy(deadline_s=3600, interval_s=3)
DERIVED_PARAMETERS: Final = frozenset({"Compute", "Environment", "EdgeWebAclArn", "FirewallArn", "HostedSignInDomain"})
"""Parameters that the deployment finds out for itself."""
BUILD_PARAMETERS: Final = {"Arch": "arch", "PythonRuntime": "runtime"}
"""Parameters that packages are built by, too, and so are given beside the others: name → field of deploy.toml."""


@dataclass(frozen=True)
class Deployed:
    """`apis`: service → address of its own API. `files`: how many of the web chat were sent."""

    address: str
    user_pool: str
    apis: Mapping[str, str]
    files: int


@dataclass(frozen=True)
class Deployment:
    """`pages`: the built web chat."""

    environment: str
    config: DeployConfig
    account: Account
    terminal: Terminal
    pages: Path
    poll: PollPolicy = POLL

    def check(self) -> None:
        """Raises InvalidParameterError before anything is made."""
        for name in sorted(DERIVED_PARAMETERS & self.config.parameters.keys()):
            raise parameters.InvalidParameterError(f"{name} is found out by the deployment itself")
        for name in sorted(BUILD_PARAMETERS.keys() & self.config.parameters.keys()):
            raise parameters.InvalidParameterError(
                f"{name} is given as {BUILD_PARAMETERS[name]}, beside the parameters"
            )
        told = {"Environment": self.environment, **self.config.parameters_as_text()}
        parameters.check(told, [Template(name, "", load(name)["Parameters"]) for name in ALL])
        if not self.config.firewall and told.get("AlternateDomainName") and not told.get("CertificateArn"):
            raise parameters.InvalidParameterError(
                "a domain of one's own without us-east-1's stack needs a CertificateArn"
            )

    def run(self) -> Deployed:
        """Raises StackFailedError, NotApprovedError; begun again, it goes on from there."""
        cloudformation = self.account.client("cloudformation")
        edge_before = stacks.outputs(cloudformation, stack_name(self.environment, EDGE))
        told = self._with_own_address(edge_before.get("Address"))
        platform = self._platform(told)
        services = {**told, "EdgeWebAclArn": platform["EdgeWebAclArn"]}
        self._stage("services", SERVICES, services, platform)
        edge = self._edge(told, platform)
        if (now := self._with_own_address(edge["Address"])) != told:  # only now is it known
            told, platform = now, self._platform(now)
        with self.terminal.step("web chat"):
            public = site.configuration(self.account.region, self.environment, platform, told, self.config.logo)
            files = site.publish(self.account.client("s3"), edge["SiteBucket"], self.pages, public, self.config.logo)
        return Deployed(edge["Address"], platform["UserPoolId"], self._apis(), files)

    def _platform(self, told: Mapping[str, str]) -> dict[str, str]:
        return self._stage("platform", [PLATFORM], told, {})[0]

    def _edge(self, told: Mapping[str, str], platform: Mapping[str, str]) -> dict[str, str]:
        found: dict[str, str] = {}
        if self.config.firewall:
            there = self.account.in_region(EDGE_GLOBAL_REGION)
            found = self._stage("edge, in us-east-1", [EDGE_GLOBAL], told, {}, there)[0]
        passed: dict[str, str] = {name: found[name] for name in ("FirewallArn", "CertificateArn") if name in found}
        if domain := platform.get("HostedSignInDomain"):
            passed["HostedSignInDomain"] = domain
        return self._stage("edge", [EDGE], {**told, **passed}, {})[0]

    def _stage(
        self,
        title: str,
        names: Sequence[str],
        told: Mapping[str, str],
        dependency_outputs: Mapping[str, str],
        where: Account | None = None,
    ) -> list[dict[str, str]]:
        account = where or self.account
        with self.terminal.step(title):
            artifacts = Artifacts(account.client("s3"), account.artifacts_bucket(self.environment))
            artifacts.ensure()
            overrides = Overrides(self.environment, told)
            return apply_stacks(
                account.client("cloudformation"),
                [desired_stack(name, overrides, artifacts, dependency_outputs) for name in names],
                self.poll,
                approve=self.terminal.approve,
                on_event=self.terminal.show_event,
            )

    def _with_own_address(self, address: str | None) -> dict[str, str]:
        """Hosted sign-in sends people back to the web chat, whose address is known once the edge is there."""
        told = self.config.parameters_as_text()
        if told.get("UserPoolDomainPrefix") and not told.get("AppUrls") and address:
            told["AppUrls"] = address
        return told

    def _apis(self) -> dict[str, str]:
        ssm: Any = self.account.client("ssm")
        names = {service: f"/colloquy/{self.environment}/{service}/api-url" for service in SERVICES}
        return {service: ssm.get_parameter(Name=name)["Parameter"]["Value"] for service, name in names.items()}
