"""A fake of CloudFormation for the deployer: an operation on a stack ends after two calls of describe."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import ClientError

EVENTS_OF_A_PAGE: Final = 100


@dataclass
class FakeStack:
    status: str
    content: Any = None
    """Template and parameters; a change set with equal content has no changes."""
    ends: str = ""
    polls_left: int = 2
    outputs: Mapping[str, str] = field(default_factory=lambda: {"Table": "t"})


class FakeCloudFormation:
    """`ends`: the final status of the next operation, by the name of the stack; without one it succeeds."""

    def __init__(self, stacks: Mapping[str, FakeStack] | None = None, ends: Mapping[str, str] | None = None) -> None:
        self.stacks = dict(stacks or {})
        self.ends = dict(ends or {})
        self.calls: list[tuple[str, str]] = []
        self.requests: dict[str, dict[str, Any]] = {}
        self._sets: dict[str, dict[str, Any]] = {}
        self._events: dict[str, list[dict[str, Any]]] = {}
        self.extra_events = 0
        """Number of events between a failure and the end, as in the rollback of a large stack."""

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - AWS's
        stack = self.stacks.get(StackName)
        if stack is None:
            raise _refused("ValidationError", f"Stack {StackName} does not exist")
        if stack.status.endswith("IN_PROGRESS") and stack.ends:
            stack.polls_left -= 1
            if stack.polls_left < 0:
                stack.status, stack.ends = stack.ends, ""
                if stack.status == "DELETE_COMPLETE":
                    del self.stacks[StackName]
                    raise _refused("ValidationError", f"Stack {StackName} does not exist")
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in stack.outputs.items()]
        return {"Stacks": [{"StackName": StackName, "StackStatus": stack.status, "Outputs": outputs}]}

    def create_change_set(self, **request: Any) -> dict[str, str]:
        name, id_ = request["StackName"], f"set-{len(self.calls)}"
        self.calls.append(("prepare", name))
        self.requests[name] = request
        if "invalid" in request.get("TemplateBody", ""):
            raise _refused("ValidationError", "Template format error: no resources")
        if request["ChangeSetType"] == "CREATE":
            self.stacks.setdefault(name, FakeStack("REVIEW_IN_PROGRESS"))
        self._sets[id_] = {**request, "polls": 0}
        return {"Id": id_}

    def describe_change_set(self, *, StackName: str, ChangeSetName: str) -> dict[str, Any]:  # noqa: N803 - AWS's
        request = self._sets[ChangeSetName]
        request["polls"] += 1
        if request["polls"] == 1:
            return {"Status": "CREATE_IN_PROGRESS", "Changes": []}
        if self.stacks[StackName].content == _content(request):
            return {
                "Status": "FAILED",
                "StatusReason": "The submitted information didn't contain changes.",
                "Changes": [],
            }
        if "refuse" in request.get("TemplateBody", ""):
            return {"Status": "FAILED", "StatusReason": "Template format error", "Changes": []}
        change = {"Action": "Add", "LogicalResourceId": "Table", "ResourceType": "AWS::DynamoDB::Table"}
        return {"Status": "CREATE_COMPLETE", "Changes": [{"Type": "Resource", "ResourceChange": change}]}

    def execute_change_set(self, *, StackName: str, ChangeSetName: str) -> None:  # noqa: N803 - AWS's
        request, stack = self._sets[ChangeSetName], self.stacks[StackName]
        action = request["ChangeSetType"]
        self.calls.append((action.lower(), StackName))
        stack.status, stack.polls_left = f"{action}_IN_PROGRESS", 2
        stack.ends = self.ends.pop(StackName, f"{action}_COMPLETE")
        if stack.ends.endswith(f"{action}_COMPLETE"):
            stack.content = _content(request)
        self._add_event(StackName, "Table", f"{action}_IN_PROGRESS")
        if "ROLLBACK" in stack.ends or "FAILED" in stack.ends:
            self._add_event(StackName, "A", f"{action}_FAILED", "no such bus")
            self._add_event(StackName, "B", f"{action}_FAILED", "cancelled")
        for number in range(self.extra_events):
            self._add_event(StackName, f"Extra{number}", "DELETE_COMPLETE")

    def delete_change_set(self, *, StackName: str, ChangeSetName: str) -> None:  # noqa: N803 - AWS's
        self.calls.append(("drop", StackName))
        del self._sets[ChangeSetName]

    def delete_stack(self, *, StackName: str) -> None:  # noqa: N803 - AWS's
        self.calls.append(("delete", StackName))
        stack = self.stacks[StackName]
        stack.status, stack.polls_left = "DELETE_IN_PROGRESS", 1
        stack.ends = self.ends.pop(StackName, "DELETE_COMPLETE")
        if stack.ends == "DELETE_FAILED":
            self._add_event(StackName, "Bucket", "DELETE_FAILED", "not empty")

    def describe_stack_events(self, *, StackName: str, NextToken: str = "0") -> dict[str, Any]:  # noqa: N803 - AWS's
        """Newest first and in pages, like CloudFormation."""
        newest_first, begin = list(reversed(self._events.get(StackName, []))), int(NextToken)
        more = {"NextToken": str(begin + EVENTS_OF_A_PAGE)} if len(newest_first) > begin + EVENTS_OF_A_PAGE else {}
        return {"StackEvents": newest_first[begin : begin + EVENTS_OF_A_PAGE], **more}

    def _add_event(self, stack: str, resource: str, status: str, reason: str = "") -> None:
        events = self._events.setdefault(stack, [])
        events.append(
            {
                "EventId": f"{stack}-{len(events)}",
                "LogicalResourceId": resource,
                "ResourceType": "AWS::DynamoDB::Table",
                "ResourceStatus": status,
                **({"ResourceStatusReason": reason} if reason else {}),
            }
        )


def _content(request: Mapping[str, Any]) -> Any:
    return (request.get("TemplateBody") or request.get("TemplateURL"), request["Parameters"])


def _refused(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "DescribeStacks")
