"""What the deployer asks of CloudFormation, given what is there."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.aws.stacks import FINGERPRINT_TAG, Stack, StackFailedError, deploy_stack, outputs

WANTED = Stack("colloquy-test-chat", "Resources: {}", {"Environment": "test"})


class FakeCloudFormation:
    """One stack, which is looked at twice before it reaches its end."""

    def __init__(self, status: str | None = None, fingerprint: str = "", *, ends: str = "") -> None:
        tags = [{"Key": FINGERPRINT_TAG, "Value": fingerprint}]
        self.stack: dict[str, Any] | None = {"StackStatus": status, "Tags": tags} if status else None
        self.ends, self.looks_left = ends, 2
        self.calls: list[str] = []

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - AWS's
        if self.stack is None:
            error = {"Error": {"Code": "ValidationError", "Message": f"Stack {StackName} does not exist"}}
            raise ClientError(error, "DescribeStacks")
        if self.stack["StackStatus"].endswith("IN_PROGRESS"):
            self.looks_left -= 1
            if self.looks_left < 0 and self.ends:
                self.stack["StackStatus"] = self.ends
        return {"Stacks": [{**self.stack, "Outputs": [{"OutputKey": "Table", "OutputValue": "t"}]}]}

    def create_stack(self, **asked: Any) -> None:
        self._begin("create", asked)

    def update_stack(self, **asked: Any) -> None:
        self._begin("update", asked)

    def delete_stack(self, *, StackName: str) -> None:  # noqa: N803 - AWS's
        self.calls.append("delete")
        self.stack = None
        assert StackName == WANTED.name

    def describe_stack_events(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - AWS's
        newest_first = [
            {"LogicalResourceId": StackName, "ResourceStatus": "ROLLBACK_COMPLETE"},
            {"LogicalResourceId": "B", "ResourceStatus": "CREATE_FAILED", "ResourceStatusReason": "cancelled"},
            {"LogicalResourceId": "A", "ResourceStatus": "CREATE_FAILED", "ResourceStatusReason": "no such bus"},
        ]
        return {"StackEvents": newest_first}

    def _begin(self, act: str, asked: dict[str, Any]) -> None:
        self.calls.append(act)
        self.stack = {"StackStatus": f"{act.upper()}_IN_PROGRESS", "Tags": asked["Tags"]}


def test_missing_stack_is_created() -> None:
    cloudformation = FakeCloudFormation(ends="CREATE_COMPLETE")
    assert deploy_stack(cloudformation, WANTED, deadline_s=5) == {"Table": "t"}
    assert cloudformation.calls == ["create"]


def test_unchanged_stack_is_only_read() -> None:
    cloudformation = FakeCloudFormation("UPDATE_COMPLETE", WANTED.fingerprint)
    assert deploy_stack(cloudformation, WANTED, deadline_s=5) == {"Table": "t"}
    assert cloudformation.calls == []


@pytest.mark.parametrize(
    "other",
    [
        Stack(WANTED.name, "Resources: {More: {}}", WANTED.parameters),
        Stack(WANTED.name, WANTED.body, {"Environment": "test", "ProtectData": "false"}),
    ],
    ids=["another template", "another parameter"],
)
def test_stack_that_differs_is_updated(other: Stack) -> None:
    cloudformation = FakeCloudFormation("CREATE_COMPLETE", other.fingerprint, ends="UPDATE_COMPLETE")
    deploy_stack(cloudformation, WANTED, deadline_s=5)
    assert cloudformation.calls == ["update"]


def test_stack_that_never_lived_is_made_anew() -> None:
    cloudformation = FakeCloudFormation("ROLLBACK_COMPLETE", WANTED.fingerprint, ends="CREATE_COMPLETE")
    deploy_stack(cloudformation, WANTED, deadline_s=5)
    assert cloudformation.calls == ["delete", "create"]


def test_update_that_was_rolled_back_is_tried_again() -> None:
    cloudformation = FakeCloudFormation("UPDATE_ROLLBACK_COMPLETE", WANTED.fingerprint, ends="UPDATE_COMPLETE")
    deploy_stack(cloudformation, WANTED, deadline_s=5)
    assert cloudformation.calls == ["update"]


def test_failure_names_the_first_resource_that_failed_and_why() -> None:
    cloudformation = FakeCloudFormation(ends="ROLLBACK_COMPLETE")
    with pytest.raises(StackFailedError, match="colloquy-test-chat: ROLLBACK_COMPLETE: A: no such bus"):
        deploy_stack(cloudformation, WANTED, deadline_s=5)


def test_stack_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(StackFailedError, match="not done after 0 s"):
        deploy_stack(FakeCloudFormation(), WANTED, deadline_s=0.1)


def test_refusal_of_cloudformation_is_not_taken_for_a_missing_stack() -> None:
    class Denying(FakeCloudFormation):
        def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - AWS's
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": StackName}}, "DescribeStacks")

    with pytest.raises(ClientError, match="AccessDenied"):
        deploy_stack(Denying(), WANTED, deadline_s=5)


def test_outputs_of_a_stack_that_is_there() -> None:
    assert outputs(FakeCloudFormation("CREATE_COMPLETE"), WANTED.name) == {"Table": "t"}
