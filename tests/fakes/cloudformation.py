"""CloudFormation, as far as the deployer asks it: stacks that take two looks to reach their end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import ClientError

EVENTS_OF_A_PAGE: Final = 100


@dataclass
class FakeStack:
    status: str
    content: Any = None
    """What it was made of; the same again is no change."""
    ends: str = ""
    looks_left: int = 2
    outputs: Mapping[str, str] = field(default_factory=lambda: {"Table": "t"})


class FakeCloudFormation:
    """`ends`: how the next operation on a stack ends, by the stack's name; else it succeeds."""

    def __init__(self, stacks: Mapping[str, FakeStack] | None = None, ends: Mapping[str, str] | None = None) -> None:
        self.stacks = dict(stacks or {})
        self.ends = dict(ends or {})
        self.calls: list[tuple[str, str]] = []
        self.asked: dict[str, dict[str, Any]] = {}
        self._sets: dict[str, dict[str, Any]] = {}
        self._events: dict[str, list[dict[str, Any]]] = {}
        self.dull_events = 0
        """That happen between a failure and the end, as in the rollback of a large stack."""

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - AWS's
        stack = self.stacks.get(StackName)
        if stack is None:
            raise _refused("ValidationError", f"Stack {StackName} does not exist")
        if stack.status.endswith("IN_PROGRESS") and stack.ends:
            stack.looks_left -= 1
            if stack.looks_left < 0:
                stack.status, stack.ends = stack.ends, ""
                if stack.status == "DELETE_COMPLETE":
                    del self.stacks[StackName]
                    raise _refused("ValidationError", f"Stack {StackName} does not exist")
        told = [{"OutputKey": key, "OutputValue": value} for key, value in stack.outputs.items()]
        return {"Stacks": [{"StackName": StackName, "StackStatus": stack.status, "Outputs": told}]}

    def create_change_set(self, **asked: Any) -> dict[str, str]:
        name, id_ = asked["StackName"], f"set-{len(self.calls)}"
        self.calls.append(("prepare", name))
        self.asked[name] = asked
        if "invalid" in asked.get("TemplateBody", ""):
            raise _refused("ValidationError", "Template format error: no resources")
        if asked["ChangeSetType"] == "CREATE":
            self.stacks.setdefault(name, FakeStack("REVIEW_IN_PROGRESS"))
        self._sets[id_] = {**asked, "looks": 0}
        return {"Id": id_}

    def describe_change_set(self, *, StackName: str, ChangeSetName: str) -> dict[str, Any]:  # noqa: N803 - AWS's
        asked = self._sets[ChangeSetName]
        asked["looks"] += 1
        if asked["looks"] == 1:
            return {"Status": "CREATE_IN_PROGRESS", "Changes": []}
        if self.stacks[StackName].content == _content(asked):
            return {
                "Status": "FAILED",
                "StatusReason": "The submitted information didn't contain changes.",
                "Changes": [],
            }
        if "refuse" in asked.get("TemplateBody", ""):
            return {"Status": "FAILED", "StatusReason": "Template format error", "Changes": []}
        change = {"Action": "Add", "LogicalResourceId": "Table", "ResourceType": "AWS::DynamoDB::Table"}
        return {"Status": "CREATE_COMPLETE", "Changes": [{"Type": "Resource", "ResourceChange": change}]}

    def execute_change_set(self, *, StackName: str, ChangeSetName: str) -> None:  # noqa: N803 - AWS's
        asked, stack = self._sets[ChangeSetName], self.stacks[StackName]
        act = asked["ChangeSetType"]
        self.calls.append((act.lower(), StackName))
        stack.status, stack.looks_left = f"{act}_IN_PROGRESS", 2
        stack.ends = self.ends.pop(StackName, f"{act}_COMPLETE")
        if stack.ends.endswith(f"{act}_COMPLETE"):
            stack.content = _content(asked)
        self._happen(StackName, "Table", f"{act}_IN_PROGRESS")
        if "ROLLBACK" in stack.ends or "FAILED" in stack.ends:
            self._happen(StackName, "A", f"{act}_FAILED", "no such bus")
            self._happen(StackName, "B", f"{act}_FAILED", "cancelled")
        for number in range(self.dull_events):
            self._happen(StackName, f"Dull{number}", "DELETE_COMPLETE")

    def delete_change_set(self, *, StackName: str, ChangeSetName: str) -> None:  # noqa: N803 - AWS's
        self.calls.append(("drop", StackName))
        del self._sets[ChangeSetName]

    def delete_stack(self, *, StackName: str) -> None:  # noqa: N803 - AWS's
        self.calls.append(("delete", StackName))
        stack = self.stacks[StackName]
        stack.status, stack.looks_left = "DELETE_IN_PROGRESS", 1
        stack.ends = self.ends.pop(StackName, "DELETE_COMPLETE")
        if stack.ends == "DELETE_FAILED":
            self._happen(StackName, "Bucket", "DELETE_FAILED", "not empty")

    def describe_stack_events(self, *, StackName: str, NextToken: str = "0") -> dict[str, Any]:  # noqa: N803 - AWS's
        """Newest first, in pages, as the real one."""
        newest_first, begin = list(reversed(self._events.get(StackName, []))), int(NextToken)
        more = {"NextToken": str(begin + EVENTS_OF_A_PAGE)} if len(newest_first) > begin + EVENTS_OF_A_PAGE else {}
        return {"StackEvents": newest_first[begin : begin + EVENTS_OF_A_PAGE], **more}

    def _happen(self, stack: str, resource: str, status: str, why: str = "") -> None:
        events = self._events.setdefault(stack, [])
        events.append(
            {
                "EventId": f"{stack}-{len(events)}",
                "LogicalResourceId": resource,
                "ResourceType": "AWS::DynamoDB::Table",
                "ResourceStatus": status,
                **({"ResourceStatusReason": why} if why else {}),
            }
        )


def _content(asked: Mapping[str, Any]) -> Any:
    return (asked.get("TemplateBody") or asked.get("TemplateURL"), asked["Parameters"])


def _refused(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "DescribeStacks")
