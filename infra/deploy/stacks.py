"""One stack as it is wanted, and as CloudFormation has it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import ClientError
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

DONE: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})
NEVER_LIVED: Final = frozenset({"ROLLBACK_COMPLETE", "CREATE_FAILED"})
"""AWS wants such a stack gone before it makes it anew."""
STUCK: Final = frozenset({"ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED", "DELETE_FAILED"})
_MORE_TO_COME: Final = "_IN_PROGRESS"
_ONLY_LOOKED_AT: Final = "REVIEW_IN_PROGRESS"  # a change set was made and never carried out


class StackFailedError(Exception):
    """The stack did not reach the wanted state; the message names the resource and the reason."""


@dataclass(frozen=True)
class Stack:
    name: str
    body: str
    parameters: Mapping[str, str]
    address: str | None = None
    """Where the body lies, when it is too large for a request."""
    tags: Mapping[str, str] = field(default_factory=dict)


def find(cloudformation: Any, name: str) -> dict[str, Any] | None:
    try:
        return dict(cloudformation.describe_stacks(StackName=name)["Stacks"][0])
    except ClientError as refused:
        if refused.response["Error"]["Code"] == "ValidationError":  # CloudFormation's way of saying "no such stack"
            return None
        raise


def outputs(cloudformation: Any, name: str) -> dict[str, str]:
    """Empty when there is no such stack, or when it was never brought up."""
    found = find(cloudformation, name)
    return outputs_of(found) if found else {}


def outputs_of(found: Mapping[str, Any]) -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}


def settled(cloudformation: Any, name: str, deadline_s: float, every_s: float) -> dict[str, Any] | None:
    """The stack once nothing is done to it any more; None when it is not there. Raises StackFailedError when late."""
    waiting = Retrying(
        retry=retry_if_result(lambda found: found is not None and is_busy(found["StackStatus"])),
        stop=stop_after_delay(deadline_s),
        wait=wait_fixed(every_s),
    )
    try:
        return waiting(find, cloudformation, name)
    except RetryError:
        raise StackFailedError(f"{name}: not done after {deadline_s:.0f} s") from None


def is_busy(status: str) -> bool:
    return status.endswith(_MORE_TO_COME) and status != _ONLY_LOOKED_AT


def is_alive(found: Mapping[str, Any] | None) -> bool:
    return found is not None and found["StackStatus"] != _ONLY_LOOKED_AT


def delete(cloudformation: Any, name: str, deadline_s: float, every_s: float) -> None:
    """What its resources' policies keep stays. Raises StackFailedError with the first resource that would not go."""
    if find(cloudformation, name) is None:
        return
    earlier = event_ids(cloudformation, name)
    cloudformation.delete_stack(StackName=name)
    left = settled(cloudformation, name, deadline_s, every_s)
    if left is not None and left["StackStatus"] != "DELETE_COMPLETE":
        raise StackFailedError(f"{name}: {left['StackStatus']}{first_failure(cloudformation, name, earlier)}")


def event_ids(cloudformation: Any, name: str) -> frozenset[str]:
    """Of what has happened to the stack so far."""
    return frozenset(event["EventId"] for event in events(cloudformation, name))


def events(cloudformation: Any, name: str) -> Iterator[dict[str, Any]]:
    """Newest first."""
    try:
        yield from cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    except ClientError as refused:
        if refused.response["Error"]["Code"] != "ValidationError":
            raise


def first_failure(cloudformation: Any, name: str, earlier: frozenset[str]) -> str:
    """The cause: what fails later is mostly told that it was cancelled."""
    failed = [
        event
        for event in events(cloudformation, name)
        if event["ResourceStatus"].endswith("_FAILED") and event["EventId"] not in earlier
    ]
    if not failed:
        return ""
    return f": {failed[-1]['LogicalResourceId']}: {failed[-1].get('ResourceStatusReason', 'no reason given')}"
