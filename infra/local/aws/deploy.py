"""Creates or updates the stacks of the embedded AWS from the same templates that AWS gets.

`python -m infra.local.aws.deploy --endpoint http://127.0.0.1:4599 --environment local [--json]`
"""

import argparse
import json
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

import botocore.session
from botocore.config import Config

from infra.local.aws.stacks import Stack, StackFailedError, deploy_stack
from infra.local.aws.templates import Template, laid_down, package

SERVICES: Final = ("chat", "bots", "ingest", "agents", "analytics")
PLATFORM: Final = "platform"
BORROWED: Final[Mapping[str, Mapping[str, str]]] = {
    "chat": {"CallsQueueUrl": "agents"},
    "agents": {"TurnsQueueUrl": "chat"},
}
"""Service → output that it needs of another service: the queues by which two services send each other commands."""


@dataclass(frozen=True)
class Deployment:
    """What the stacks gave back: output keys and values, by `platform` and service."""

    endpoint: str
    outputs: Mapping[str, Mapping[str, str]]

    def outputs_as_settings(self, service: str) -> dict[str, str]:
        """`COLLOQUY_…` variables of one service: the platform's outputs, its own, and those it borrows."""
        borrowed = {key: self.outputs[owner][key] for key, owner in BORROWED.get(service, {}).items()}
        together = {**self.outputs[PLATFORM], **self.outputs[service], **borrowed}
        return {setting_name(key): value for key, value in together.items()}


@dataclass(frozen=True)
class Wishes:
    """Parameters of templates that a local deployment may want different. Each stack takes those it declares."""

    environment: str = "local"
    parameters: Mapping[str, str] = field(default_factory=dict)


def setting_name(output_key: str) -> str:
    """`EventsQueueUrl` → `COLLOQUY_EVENTS_QUEUE_URL`."""
    words = "".join(f"_{letter}" if letter.isupper() else letter for letter in output_key)
    return f"COLLOQUY{words.upper()}"


def deploy(endpoint: str, wishes: Wishes | None = None, deadline_s: float = 60) -> Deployment:
    """Bring all stacks up to date and wait. Does nothing for a stack whose template and parameters are unchanged.

    Raises StackFailedError with the reason of the first resource that failed, or when the deadline passes.
    """
    wishes = wishes or Wishes()
    cloudformation, s3 = client("cloudformation", endpoint), client("s3", endpoint)

    def bring_up(name: str) -> dict[str, str]:
        template = package(name, s3, with_functions=wishes.parameters.get("Compute") == "lambda")
        stack = Stack(
            f"colloquy-{wishes.environment}-{name}",
            template.body,
            _parameters(template, wishes),
            f"{endpoint}/{laid_down(template.body, s3)}",
        )
        return deploy_stack(cloudformation, stack, deadline_s)

    platform = bring_up(PLATFORM)
    platform["UserPoolJwksUrl"] = f"{endpoint}/{platform['UserPoolId']}/.well-known/jwks.json"
    with ThreadPoolExecutor(max_workers=len(SERVICES)) as pool:
        services = dict(zip(SERVICES, pool.map(bring_up, SERVICES), strict=True))
    return Deployment(endpoint, {PLATFORM: platform, **services})


def client(service: str, endpoint: str | None) -> Any:
    """A client of the embedded AWS, which checks no signatures. Without an endpoint, `AWS_ENDPOINT_URL` counts."""
    return botocore.session.get_session().create_client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - not a secret
        config=Config(connect_timeout=2, read_timeout=30, retries={"total_max_attempts": 2}),
    )


def _parameters(template: Template, wishes: Wishes) -> dict[str, str]:
    wished = {"Environment": wishes.environment, **wishes.parameters}
    return {name: value for name, value in wished.items() if name in template.parameters}


def main() -> int:
    parser = argparse.ArgumentParser(prog="infra.local.aws.deploy", description=__doc__)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--environment", default="local")
    parser.add_argument("--json", action="store_true", help="print every service's settings")
    given = parser.parse_args()
    try:
        deployment = deploy(given.endpoint, Wishes(given.environment))
    except StackFailedError as failure:
        print(f"deploy: {failure}", file=sys.stderr)
        return 1
    if given.json:
        print(json.dumps({service: deployment.outputs_as_settings(service) for service in SERVICES}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
