"""Builds the desired stack from a template and the overrides."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.deploy import parameters
from infra.deploy.artifacts import Artifacts
from infra.deploy.stack_names import stack_name
from infra.deploy.stacks import Stack
from infra.deploy.templates import MAX_INLINE_TEMPLATE_BYTES, package


@dataclass(frozen=True)
class Overrides:
    """Parameters that differ from the templates' defaults. Each stack takes those that its template declares."""

    environment: str = "local"
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def with_functions(self) -> bool:
        return self.parameters.get("Compute") == "lambda"


def desired_stack(
    name: str, overrides: Overrides, artifacts: Artifacts, dependency_outputs: Mapping[str, str]
) -> Stack:
    """Upload the code and build the stack. `dependency_outputs`: outputs of the stacks that it depends on."""
    template = package(name, artifacts, with_functions=overrides.with_functions)
    values = parameters.declared_only(template, {"Environment": overrides.environment, **overrides.parameters})
    if overrides.with_functions:
        values = parameters.with_release(template, values, dependency_outputs)
    body = template.body.encode()
    address = artifacts.address(artifacts.put(body, "yaml")) if len(body) > MAX_INLINE_TEMPLATE_BYTES else None
    tags = {"colloquy:environment": overrides.environment}
    return Stack(stack_name(overrides.environment, name), template.body, values, address, tags)
