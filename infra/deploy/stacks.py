"""One CloudFormation stack: its desired content, its state, its events, its deletion."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, Final

from botocore.exceptions import ClientError
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

DONE: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})
NEVER_CREATED: Final = frozenset({"ROLLBACK_COMPLETE", "CREATE_FAILED"})
"""Such a stack must be deleted before it can be created again."""
STUCK: Final = frozenset({"ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED", "DELETE_FAILED"})
_IN_PROGRESS: Final = "_IN_PROGRESS"
_REVIEW_ONLY: Final = "REVIEW_IN_PROGRESS"  # a change set was created but never executed


class StackFailedError(Exception):
    """The stack did not reach the desired state. The message names the resource and the reason."""


@dataclass(frozen=True)
class Stack:
    name: str
    body: str
    parameters: Mapping[str, str]
    address: str | None = None
    """URL of the body, if it is too large for a request."""
    tags: Mapping[str, str] = field(default_factory=dict)


def find(cloudformation: Any, name: str) -> dict[str, Any] | None:
    try:
        return dict(cloudformation.describe_stacks(StackName=name)["Stacks"][0])
    except ClientError as refused:
        if refused.response["Error"]["Code"] == "ValidationError":  # CloudFormation's way of saying "no such stack"
            return None
        raise


def outputs(cloudformation: Any, name: str) -> dict[str, str]:
    """The stack's outputs; empty if it does not exist or was never created completely."""
    found = find(cloudformation, name)
    return outputs_of(found) if found else {}


def outputs_of(found: Mapping[str, Any]) -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}


def wait_until_settled(cloudformation: Any, name: str, deadline_s: float, interval_s: float) -> dict[str, Any] | None:
    """Wait until no operation runs on the stack; None if it does not exist. Raises StackFailedError when late."""
    waiting = Retrying(
        retry=retry_if_result(lambda found: found is not None and is_busy(found["StackStatus"])),
        stop=stop_after_delay(deadline_s),
        wait=wait_fixed(interval_s),
    )
    try:
        return waiting(find, cloudformation, name)
    except RetryError:
        raise StackFailedError(f"{name}: not done after {deadline_s:.0f} s") from None


def is_busy(status: str) -> bool:
    return status.endswith(_IN_PROGRESS) and status != _REVIEW_ONLY


def exists(found: Mapping[str, Any] | None) -> bool:
    return found is not None and found["StackStatus"] != _REVIEW_ONLY


def delete(cloudformation: Any, name: str, deadline_s: float, interval_s: float) -> None:
    """Delete the stack; retained resources stay. Raises StackFailedError with the first resource that failed."""
    if find(cloudformation, name) is None:
        return
    before = last_event(cloudformation, name)
    cloudformation.delete_stack(StackName=name)
    left = wait_until_settled(cloudformation, name, deadline_s, interval_s)
    if left is not None and left["StackStatus"] != "DELETE_COMPLETE":
        raise StackFailedError(f"{name}: {left['StackStatus']}{first_failure(cloudformation, name, before)}")


def last_event(cloudformation: Any, name: str) -> str:
    """The id of the newest event; empty if there is none."""
    return next((str(event["EventId"]) for event in _events(cloudformation, name)), "")


def events_since(cloudformation: Any, name: str, event_id: str) -> list[dict[str, Any]]:
    """Events after the given one, newest first. Reads several pages: a page has a hundred events."""
    return list(takewhile(lambda event: event["EventId"] != event_id, _events(cloudformation, name)))


def first_failure(cloudformation: Any, name: str, since: str) -> str:
    """Text about the first failure after event `since`. Later failures are mostly cancellations that it caused."""
    events = events_since(cloudformation, name, since)
    failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
    if not failed:
        return ""
    return f": {failed[-1]['LogicalResourceId']}: {failed[-1].get('ResourceStatusReason', 'no reason given')}"


def _events(cloudformation: Any, name: str) -> Iterator[dict[str, Any]]:
    more: dict[str, str] = {}
    while True:
        try:
            page = cloudformation.describe_stack_events(StackName=name, **more)
        except ClientError as refused:
            if refused.response["Error"]["Code"] == "ValidationError":  # the stack is gone
                return
            raise
        yield from page["StackEvents"]
        if not page.get("NextToken"):
            return
        more = {"NextToken": page["NextToken"]}
