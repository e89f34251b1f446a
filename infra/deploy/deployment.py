"""A whole deployment, from the first stack to the web chat. A second run continues: unchanged stacks are left alone."""

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
"""Parameters whose values the deployment determines itself."""
BUILD_PARAMETERS: Final = {"Arch": "arch", "PythonRuntime": "runtime"}
"""Parameters that packaging needs too. They are fields of deploy.toml beside its `parameters`: name → field."""


@dataclass(frozen=True)
class Deployed:
    """`apis`: service → address of its own API. `files`: number of files of the web chat that were uploaded."""

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
        """Check the parameters before anything is created. Raises InvalidParameterError."""
        for name in sorted(DERIVED_PARAMETERS & self.config.parameters.keys()):
            raise parameters.InvalidParameterError(f"{name} is set by the deployment itself: remove it")
        for name in sorted(BUILD_PARAMETERS.keys() & self.config.parameters.keys()):
            raise parameters.InvalidParameterError(
                f"{name} is not a parameter: set {BUILD_PARAMETERS[name]} beside `parameters` instead"
            )
        values = {"Environment": self.environment, **self.config.parameters_as_text()}
        parameters.check(values, [Template(name, "", load(name)["Parameters"]) for name in ALL])
        if not self.config.firewall and values.get("AlternateDomainName") and not values.get("CertificateArn"):
            raise parameters.InvalidParameterError("AlternateDomainName with firewall = false needs a CertificateArn")

    def run(self) -> Deployed:
        """Deploy all stacks and the web chat; a second run continues. Raises StackFailedError, NotApprovedError."""
        cloudformation = self.account.client("cloudformation")
        edge_before = stacks.outputs(cloudformation, stack_name(self.environment, EDGE))
        values = self._with_own_address(edge_before.get("Address"))
        platform = self._platform(values)
        services = {**values, "EdgeWebAclArn": platform["EdgeWebAclArn"]}
        self._stage("services", SERVICES, services, platform)
        edge = self._edge(values, platform)
        if (now := self._with_own_address(edge["Address"])) != values:  # the first deployment learns its address here
            values, platform = now, self._platform(now)
        with self.terminal.step("web chat"):
            public = site.configuration(self.account.region, self.environment, platform, values, self.config.logo)
            files = site.publish(self.account.client("s3"), edge["SiteBucket"], self.pages, public, self.config.logo)
        return Deployed(edge["Address"], platform["UserPoolId"], self._apis(), files)

    def _platform(self, values: Mapping[str, str]) -> dict[str, str]:
        return self._stage("platform", [PLATFORM], values, {})[0]

    def _edge(self, values: Mapping[str, str], platform: Mapping[str, str]) -> dict[str, str]:
        found: dict[str, str] = {}
        if self.config.firewall:
            there = self.account.in_region(EDGE_GLOBAL_REGION)
            found = self._stage("edge, in us-east-1", [EDGE_GLOBAL], values, {}, there)[0]
        passed: dict[str, str] = {name: found[name] for name in ("FirewallArn", "CertificateArn") if name in found}
        if domain := platform.get("HostedSignInDomain"):
            passed["HostedSignInDomain"] = domain
        return self._stage("edge", [EDGE], {**values, **passed}, {})[0]

    def _stage(
        self,
        title: str,
        names: Sequence[str],
        values: Mapping[str, str],
        dependency_outputs: Mapping[str, str],
        where: Account | None = None,
    ) -> list[dict[str, str]]:
        account = where or self.account
        with self.terminal.step(title):
            artifacts = Artifacts(account.client("s3"), account.artifacts_bucket(self.environment))
            artifacts.ensure()
            overrides = Overrides(self.environment, values)
            return apply_stacks(
                account.client("cloudformation"),
                [desired_stack(name, overrides, artifacts, dependency_outputs) for name in names],
                self.poll,
                approve=self.terminal.approve,
                on_event=self.terminal.show_event,
            )

    def _with_own_address(self, address: str | None) -> dict[str, str]:
        """The parameters with the web chat's address for hosted sign-in; it is known only once the edge exists."""
        values = self.config.parameters_as_text()
        if values.get("UserPoolDomainPrefix") and not values.get("AppUrls") and address:
            values["AppUrls"] = address
        return values

    def _apis(self) -> dict[str, str]:
        ssm: Any = self.account.client("ssm")
        names = {service: f"/colloquy/{self.environment}/{service}/api-url" for service in SERVICES}
        return {service: ssm.get_parameter(Name=name)["Parameter"]["Value"] for service, name in names.items()}
