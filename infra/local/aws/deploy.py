"""Creates or updates the stacks of the embedded AWS, from the same templates that are deployed to AWS.

`python -m infra.local.aws.deploy --endpoint http://127.0.0.1:4599 --environment local [--json]`
"""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import botocore.session
from botocore.config import Config

from infra.deploy.artifacts import Artifacts
from infra.deploy.change_sets import PollPolicy
from infra.deploy.desired_stack import Overrides, desired_stack
from infra.deploy.stack_names import PLATFORM, SERVICES
from infra.deploy.stacks import StackFailedError
from infra.deploy.stages import apply_stacks

_BUCKET: Final = "colloquy-packages"
SHARED_QUEUE_OUTPUTS: Final[Mapping[str, Mapping[str, str]]] = {
    "chat": {"CallsQueueUrl": "agents"},
    "agents": {"TurnsQueueUrl": "chat"},
}
"""Service → output key → the service that has this output. With these queues two services send each other commands."""


@dataclass(frozen=True)
class DeployedStacks:
    """The outputs of the deployed stacks: `platform` or a service's name → output key → value."""

    endpoint: str
    outputs: Mapping[str, Mapping[str, str]]

    def outputs_as_settings(self, service: str) -> dict[str, str]:
        """The `COLLOQUY_…` variables of a service: outputs of the platform, its own, and queues of other services."""
        borrowed = {key: self.outputs[owner][key] for key, owner in SHARED_QUEUE_OUTPUTS.get(service, {}).items()}
        together = {**self.outputs[PLATFORM], **self.outputs[service], **borrowed}
        return {setting_name(key): value for key, value in together.items()}


def setting_name(output_key: str) -> str:
    """`EventsQueueUrl` → `COLLOQUY_EVENTS_QUEUE_URL`."""
    words = "".join(f"_{letter}" if letter.isupper() else letter for letter in output_key)
    return f"COLLOQUY{words.upper()}"


def deploy(endpoint: str, overrides: Overrides | None = None, deadline_s: float = 60) -> DeployedStacks:
    """Bring all stacks up to date and wait. Does nothing for a stack whose template and parameters are unchanged.

    Raises StackFailedError with the reason of the first resource that failed, or when the deadline passes.
    """
    overrides = overrides or Overrides()
    cloudformation, artifacts = client("cloudformation", endpoint), Artifacts(client("s3", endpoint), _BUCKET)
    poll = PollPolicy(deadline_s, interval_s=0.05)
    artifacts.ensure()

    (platform,) = apply_stacks(cloudformation, [desired_stack(PLATFORM, overrides, artifacts, {})], poll)
    services = apply_stacks(
        cloudformation, [desired_stack(name, overrides, artifacts, platform) for name in SERVICES], poll
    )
    platform["UserPoolJwksUrl"] = f"{endpoint}/{platform['UserPoolId']}/.well-known/jwks.json"
    return DeployedStacks(endpoint, {PLATFORM: platform, **dict(zip(SERVICES, services, strict=True))})


def client(service: str, endpoint: str | None) -> Any:
    """A client of the embedded AWS, which checks no signatures. Without an endpoint, `AWS_ENDPOINT_URL` applies."""
    return botocore.session.get_session().create_client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - not a secret
        config=Config(connect_timeout=2, read_timeout=30, retries={"total_max_attempts": 2}),
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="infra.local.aws.deploy", description=__doc__)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--environment", default="local")
    parser.add_argument("--json", action="store_true", help="print every service's settings")
    given = parser.parse_args()
    try:
        deployment = deploy(given.endpoint, Overrides(given.environment))
    except StackFailedError as failure:
        print(f"deploy: {failure}", file=sys.stderr)
        return 1
    if given.json:
        print(json.dumps({service: deployment.outputs_as_settings(service) for service in SERVICES}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
