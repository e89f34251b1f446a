"""The dead-letter queues of a deployment, by the names that `make dlq` shows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from infra.local.aws.deploy import PLATFORM, SERVICES
from infra.local.aws.stacks import outputs

_DEAD: Final = "DeadLetterQueueUrl"


@dataclass(frozen=True)
class DeadLetterQueue:
    """`source_url`: the queue whose letters these are. `bus`: where what was never published goes."""

    name: str
    url: str
    source_url: str
    bus: str


def dead_letter_queues(cloudformation: Any, environment: str) -> list[DeadLetterQueue]:
    """Raises LookupError when no stack of the environment is deployed."""
    platform = _outputs(cloudformation, environment, PLATFORM)
    found = [
        each
        for service in SERVICES
        for each in _of_service(service, _outputs(cloudformation, environment, service), platform.get("EventBus", ""))
    ]
    if not found:
        raise LookupError(f"no stacks of environment {environment} are deployed here")
    return found


def _outputs(cloudformation: Any, environment: str, service: str) -> Mapping[str, str]:
    try:
        return outputs(cloudformation, f"colloquy-{environment}-{service}")
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":  # a stack that is not deployed
            return {}
        raise


def _of_service(service: str, told: Mapping[str, str], bus: str) -> Iterator[DeadLetterQueue]:
    for key, url in told.items():
        if key.endswith(_DEAD):
            kind = key.removesuffix(_DEAD)
            yield DeadLetterQueue(f"{service}-{kind.lower()}", url, told[f"{kind}QueueUrl"], bus)
