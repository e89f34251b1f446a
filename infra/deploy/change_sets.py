"""Change sets: CloudFormation shows what would change before anything changes.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from infra.deploy import stacks
from infra.deploy.stacks import DONE, NEVER_CREATED, STUCK, Stack, StackFailedError

_NO_CHANGE: Final = ("didn't contain changes", "No updates are to be performed")
_CAPABILITIES: Final = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


@dataclass(frozen=True)
class Change:
    """`action`: Add, Modify, Remove. `replacement`: True, False, Conditional, or empty if CloudFormation gives none."""

    action: str
    name: str
    kind: str
    replacement: str = ""


@dataclass(frozen=True)
class ChangeSet:
    stack: Stack
    id: str
    is_new: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class PollPolicy:
    """The time that one stack may take, and the pause between two polls, in seconds."""

    deadline_s: float
    interval_s: float


def prepare(cloudformation: Any, stack: Stack, poll: PollPolicy) -> ChangeSet | None:
    """Create a change set, or return None when the stack is up to date.

    Waits for an operation of an earlier run, and deletes a stack that was never created completely.
    Raises StackFailedError.
    """
    found = stacks.wait_until_settled(cloudformation, stack.name, poll.deadline_s, poll.interval_s)
    if found and found["StackStatus"] in STUCK:
        raise StackFailedError(f"{stack.name}: {found['StackStatus']}: repair it in the CloudFormation console first")
    if found and found["StackStatus"] in NEVER_CREATED:
        stacks.delete(cloudformation, stack.name, poll.deadline_s, poll.interval_s)
        found = None
    is_new = not stacks.exists(found)
    id_ = _create(cloudformation, stack, is_new=is_new)
    described = _wait_until_described(cloudformation, stack.name, id_, poll)
    if described["Status"] == "CREATE_COMPLETE":
        return ChangeSet(stack, id_, is_new, _changes(cloudformation, stack.name, id_))
    why = described.get("StatusReason", "no reason given")
    cloudformation.delete_change_set(StackName=stack.name, ChangeSetName=id_)
    if any(sentence in why for sentence in _NO_CHANGE):
        return None
    raise StackFailedError(f"{stack.name}: {why}")


def _create(cloudformation: Any, stack: Stack, *, is_new: bool) -> str:
    try:
        made = cloudformation.create_change_set(
            StackName=stack.name,
            ChangeSetName=f"colloquy-{secrets.token_hex(8)}",
            ChangeSetType="CREATE" if is_new else "UPDATE",
            **({"TemplateURL": stack.address} if stack.address else {"TemplateBody": stack.body}),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in stack.parameters.items()],
            Capabilities=_CAPABILITIES,
            Tags=[{"Key": key, "Value": value} for key, value in stack.tags.items()],
        )
    except ClientError as refused:
        if refused.response["Error"]["Code"] == "ValidationError":  # the message says what is wrong with the template
            raise StackFailedError(f"{stack.name}: {refused.response['Error']['Message']}") from refused
        raise
    return str(made["Id"])


def execute(
    cloudformation: Any, change_set: ChangeSet, poll: PollPolicy, on_event: Callable[[Mapping[str, Any]], None]
) -> dict[str, str]:
    """Execute the change set; returns the stack's outputs. `on_event` gets each event once. Raises StackFailedError."""
    name = change_set.stack.name
    before = last_seen = stacks.last_event(cloudformation, name)
    cloudformation.execute_change_set(StackName=name, ChangeSetName=change_set.id)

    def look() -> dict[str, Any]:
        nonlocal last_seen
        found = stacks.find(cloudformation, name) or {"StackStatus": "DELETE_COMPLETE"}
        for event in reversed(stacks.events_since(cloudformation, name, last_seen)):
            on_event(event)
            last_seen = event["EventId"]
        return found

    found = _poll_until(look, lambda each: not stacks.is_busy(each["StackStatus"]) and stacks.exists(each), poll)
    if found["StackStatus"] not in DONE:
        status = found["StackStatus"]
        late = f"{status} after {poll.deadline_s:.0f} s" if stacks.is_busy(status) else status
        raise StackFailedError(f"{name}: {late}{stacks.first_failure(cloudformation, name, before)}")
    return stacks.outputs_of(found)


def _wait_until_described(cloudformation: Any, stack: str, id_: str, poll: PollPolicy) -> dict[str, Any]:
    def look() -> dict[str, Any]:
        return dict(cloudformation.describe_change_set(StackName=stack, ChangeSetName=id_))

    return _poll_until(look, lambda each: each["Status"] in {"CREATE_COMPLETE", "FAILED"}, poll)


def _changes(cloudformation: Any, stack: str, id_: str) -> tuple[Change, ...]:
    found: list[Change] = []
    more: dict[str, str] = {}
    while True:
        page = cloudformation.describe_change_set(StackName=stack, ChangeSetName=id_, **more)
        found += [_change(each["ResourceChange"]) for each in page["Changes"] if "ResourceChange" in each]
        if not page.get("NextToken"):
            return tuple(found)
        more = {"NextToken": page["NextToken"]}


def _change(described: Mapping[str, Any]) -> Change:
    return Change(
        described["Action"],
        described["LogicalResourceId"],
        described["ResourceType"],
        described.get("Replacement") or "",
    )


def _poll_until(
    look: Callable[[], dict[str, Any]], is_over: Callable[[dict[str, Any]], bool], poll: PollPolicy
) -> dict[str, Any]:
    """Poll until `is_over`, or until the deadline; returns what was seen last."""
    waiting = Retrying(
        retry=retry_if_result(lambda found: not is_over(found)),
        stop=stop_after_delay(poll.deadline_s),
        wait=wait_fixed(poll.interval_s),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else {},
    )
    return waiting(look)
