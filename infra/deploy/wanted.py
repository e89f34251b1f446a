"""From a template and what was wished for to the stack that is wanted."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.deploy import parameters
from infra.deploy.artifacts import Artifacts
from infra.deploy.house import stack_name
from infra.deploy.stacks import Stack
from infra.deploy.templates import MOST_IN_A_REQUEST, package


@dataclass(frozen=True)
class Wishes:
    """Parameters that a deployment wants different. Each stack takes those that its template declares."""

    environment: str = "local"
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def with_functions(self) -> bool:
        return self.parameters.get("Compute") == "lambda"


def wanted(name: str, wishes: Wishes, artifacts: Artifacts, stands_on: Mapping[str, str]) -> Stack:
    """`stands_on`: what it is told of stacks before it; uploads the code."""
    template = package(name, artifacts, with_functions=wishes.with_functions)
    told = parameters.taken(template, {"Environment": wishes.environment, **wishes.parameters})
    if wishes.with_functions:
        told = parameters.with_release(template, told, stands_on)
    body = template.body.encode()
    address = artifacts.address(artifacts.put(body, "yaml")) if len(body) > MOST_IN_A_REQUEST else None
    tags = {"colloquy:environment": wishes.environment}
    return Stack(stack_name(wishes.environment, name), template.body, told, address, tags)
