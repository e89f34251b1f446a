"""Finds the dead-letter queues of a deployment, and names them as `make dlq` shows them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from infra.deploy.stack_names import PLATFORM, SERVICES, stack_name
from infra.deploy.stacks import outputs

_URL_OUTPUT: Final = "DeadLetterQueueUrl"


@dataclass(frozen=True)
class DeadLetterQueue:
    """`source_url`: the queue that the dead letters come from; None for a relay, whose dead letters are refused events.

    `bus`: the event bus to which a redrive publishes those events.
    """

    name: str
    url: str
    source_url: str | None
    bus: str


def dead_letter_queues(cloudformation: Any, environment: str) -> list[DeadLetterQueue]:
    """Raises LookupError when no stack of the environment is deployed."""

    def of(stack: str) -> Mapping[str, str]:
        return outputs(cloudformation, stack_name(environment, stack))

    bus = of(PLATFORM).get("EventBus", "")
    found = [each for service in SERVICES for each in _of_service(service, of(service), bus)]
    if not found:
        raise LookupError(f"no stacks of environment {environment} are deployed here")
    return found


def _of_service(service: str, stack_outputs: Mapping[str, str], bus: str) -> Iterator[DeadLetterQueue]:
    for key, url in stack_outputs.items():
        if key.endswith(_URL_OUTPUT):
            kind = key.removesuffix(_URL_OUTPUT)
            yield DeadLetterQueue(f"{service}-{kind.lower()}", url, stack_outputs.get(f"{kind}QueueUrl"), bus)
