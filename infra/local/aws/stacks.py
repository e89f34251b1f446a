"""One stack: create it, update it, or leave it alone."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed
from tenacity.retry import retry_if_exception_type

FINGERPRINT_TAG: Final = "colloquy:fingerprint"
_DONE: Final = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
_FAILED: Final = {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "UPDATE_FAILED", "UPDATE_ROLLBACK_COMPLETE"}


class StackFailedError(Exception):
    """The stack did not reach the wanted state; the message names the resource and the reason."""


@dataclass(frozen=True)
class Stack:
    name: str
    body: str
    parameters: Mapping[str, str]
    address: str | None = None
    """Where the body lies, when it is too large for a request."""

    @property
    def fingerprint(self) -> str:
        """Same template and parameters, same fingerprint."""
        return hashlib.sha256(json.dumps([self.body, dict(self.parameters)]).encode()).hexdigest()


def deploy_stack(cloudformation: Any, stack: Stack, deadline_s: float) -> dict[str, str]:
    """The stack's outputs once it is what `stack` says."""
    found = _describe(cloudformation, stack.name)
    if found and found["StackStatus"] in _DONE and _fingerprint(found) == stack.fingerprint:
        return _outputs(found)
    if found and found["StackStatus"] in {"ROLLBACK_COMPLETE", "CREATE_FAILED"}:  # never lived; AWS wants it gone first
        cloudformation.delete_stack(StackName=stack.name)
        found = None
    act = cloudformation.update_stack if found else cloudformation.create_stack
    act(
        StackName=stack.name,
        **({"TemplateURL": stack.address} if stack.address else {"TemplateBody": stack.body}),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in stack.parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Tags=[{"Key": FINGERPRINT_TAG, "Value": stack.fingerprint}],
    )
    return _outputs(_settled(cloudformation, stack.name, deadline_s))


def outputs(cloudformation: Any, name: str) -> dict[str, str]:
    """Of a stack that exists; raises ClientError (ValidationError) when it does not."""
    return _outputs(cloudformation.describe_stacks(StackName=name)["Stacks"][0])


def _settled(cloudformation: Any, name: str, deadline_s: float) -> dict[str, Any]:
    waiting = Retrying(
        retry=retry_if_result(lambda found: found["StackStatus"] not in _DONE | _FAILED)
        | retry_if_exception_type(KeyError),
        stop=stop_after_delay(deadline_s),
        wait=wait_fixed(0.05),
        retry_error_callback=lambda _: {"StackStatus": f"not done after {deadline_s:.0f} s"},
    )
    found = waiting(lambda: _describe(cloudformation, name) or {})
    if found["StackStatus"] not in _DONE:
        raise StackFailedError(f"{name}: {found['StackStatus']}{_first_failure(cloudformation, name)}")
    return found


def _first_failure(cloudformation: Any, name: str) -> str:
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
    if not failed:
        return ""
    return f": {failed[-1]['LogicalResourceId']}: {failed[-1].get('ResourceStatusReason', 'no reason given')}"


def _describe(cloudformation: Any, name: str) -> dict[str, Any] | None:
    try:
        return dict(cloudformation.describe_stacks(StackName=name)["Stacks"][0])
    except ClientError as refused:
        if refused.response["Error"]["Code"] == "ValidationError":  # CloudFormation's way of saying "no such stack"
            return None
        raise


def _fingerprint(found: Mapping[str, Any]) -> str | None:
    return next((tag["Value"] for tag in found.get("Tags", []) if tag["Key"] == FINGERPRINT_TAG), None)


def _outputs(found: Mapping[str, Any]) -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
