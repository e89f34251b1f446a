"""Change sets: the calls of the deployer to CloudFormation for each state of a stack."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.deploy.change_sets import Change, PollPolicy, execute, prepare
from infra.deploy.stacks import Stack, StackFailedError, delete, outputs
from tests.fakes.cloudformation import EVENTS_OF_A_PAGE, FakeCloudFormation, FakeStack

NAME = "colloquy-test-chat"
DESIRED = Stack(NAME, "Resources: {}", {"Environment": "test"}, tags={"colloquy:environment": "test"})
POLL = PollPolicy(deadline_s=5, interval_s=0.001)


def apply(cloudformation: FakeCloudFormation, stack: Stack = DESIRED) -> dict[str, str] | None:
    """Prepare and execute a change set; return the outputs, or None if there was no change."""
    change_set = prepare(cloudformation, stack, POLL)
    return execute(cloudformation, change_set, POLL, lambda _: None) if change_set else None


def actions(cloudformation: FakeCloudFormation) -> list[str]:
    return [action for action, _ in cloudformation.calls]


def test_missing_stack_is_created_with_its_parameters_and_tags() -> None:
    cloudformation = FakeCloudFormation()
    assert apply(cloudformation) == {"Table": "t"}
    assert actions(cloudformation) == ["prepare", "create"]
    request = cloudformation.requests[NAME]
    assert request["Parameters"] == [{"ParameterKey": "Environment", "ParameterValue": "test"}]
    assert request["Tags"] == [{"Key": "colloquy:environment", "Value": "test"}]
    assert request["TemplateBody"] == "Resources: {}"


def test_a_prepared_change_set_lists_its_changes() -> None:
    cloudformation = FakeCloudFormation()
    change_set = prepare(cloudformation, DESIRED, POLL)
    assert change_set is not None
    assert change_set.is_new
    assert change_set.changes == (Change("Add", "Table", "AWS::DynamoDB::Table"),)
    assert actions(cloudformation) == ["prepare"]


def test_unchanged_stack_is_not_updated_and_its_change_set_is_deleted() -> None:
    cloudformation = FakeCloudFormation()
    apply(cloudformation)
    cloudformation.calls.clear()
    assert apply(cloudformation) is None
    assert actions(cloudformation) == ["prepare", "drop"]


@pytest.mark.parametrize(
    "other",
    [
        Stack(NAME, "Resources: {More: {}}", DESIRED.parameters),
        Stack(NAME, DESIRED.body, {"Environment": "test", "ProtectData": "false"}),
        Stack(NAME, DESIRED.body, DESIRED.parameters, "https://bucket/other.yaml"),
    ],
    ids=["another template", "another parameter", "a template in a bucket"],
)
def test_stack_that_differs_is_updated(other: Stack) -> None:
    cloudformation = FakeCloudFormation()
    apply(cloudformation)
    cloudformation.calls.clear()
    assert apply(cloudformation, other) == {"Table": "t"}
    assert actions(cloudformation) == ["prepare", "update"]
    assert cloudformation.requests[NAME].get("TemplateURL") == other.address


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "CREATE_FAILED"])
def test_stack_whose_creation_failed_is_deleted_and_created(status: str) -> None:
    cloudformation = FakeCloudFormation({NAME: FakeStack(status)})
    assert apply(cloudformation) == {"Table": "t"}
    assert actions(cloudformation) == ["delete", "prepare", "create"]


def test_stack_in_review_is_created() -> None:
    cloudformation = FakeCloudFormation({NAME: FakeStack("REVIEW_IN_PROGRESS")})
    assert apply(cloudformation) == {"Table": "t"}
    assert actions(cloudformation) == ["prepare", "create"]


def test_update_that_was_rolled_back_is_repeated() -> None:
    cloudformation = FakeCloudFormation({NAME: FakeStack("UPDATE_ROLLBACK_COMPLETE")})
    assert apply(cloudformation) == {"Table": "t"}
    assert actions(cloudformation) == ["prepare", "update"]


def test_running_update_of_an_earlier_run_is_waited_for() -> None:
    cloudformation = FakeCloudFormation({NAME: FakeStack("UPDATE_IN_PROGRESS", ends="UPDATE_COMPLETE")})
    assert apply(cloudformation) == {"Table": "t"}
    assert actions(cloudformation) == ["prepare", "update"]


def test_stack_that_cannot_be_updated_raises_an_error() -> None:
    cloudformation = FakeCloudFormation({NAME: FakeStack("UPDATE_ROLLBACK_FAILED")})
    with pytest.raises(StackFailedError, match="UPDATE_ROLLBACK_FAILED: repair it in the CloudFormation console"):
        prepare(cloudformation, DESIRED, POLL)
    assert actions(cloudformation) == []


@pytest.mark.parametrize("body", ["refuse me", "invalid"], ids=["refused by the change set", "refused by the call"])
def test_refused_template_raises_an_error_with_the_reason(body: str) -> None:
    with pytest.raises(StackFailedError, match=f"{NAME}: Template format error"):
        prepare(FakeCloudFormation(), Stack(NAME, body, {}), POLL)


@pytest.mark.parametrize("ends", ["ROLLBACK_COMPLETE", "CREATE_FAILED"])
def test_failure_names_the_first_failed_resource_and_its_reason(ends: str) -> None:
    cloudformation = FakeCloudFormation(ends={NAME: ends})
    with pytest.raises(StackFailedError, match=f"{NAME}: {ends}: A: no such bus"):
        apply(cloudformation)


def test_the_first_failure_is_found_before_several_pages_of_rollback_events() -> None:
    cloudformation = FakeCloudFormation(ends={NAME: "ROLLBACK_COMPLETE"})
    cloudformation.extra_events = 2 * EVENTS_OF_A_PAGE
    with pytest.raises(StackFailedError, match="A: no such bus"):
        apply(cloudformation)


def test_every_event_is_reported_once_also_over_several_pages() -> None:
    cloudformation, events = FakeCloudFormation(), list[Any]()
    cloudformation.extra_events = 2 * EVENTS_OF_A_PAGE
    change_set = prepare(cloudformation, DESIRED, POLL)
    assert change_set is not None
    execute(cloudformation, change_set, POLL, events.append)
    names = [event["LogicalResourceId"] for event in events]
    assert names == ["Table", *(f"Extra{number}" for number in range(2 * EVENTS_OF_A_PAGE))]


def test_events_of_an_earlier_run_are_not_reported() -> None:
    cloudformation = FakeCloudFormation()
    apply(cloudformation)
    cloudformation.ends[NAME] = "UPDATE_ROLLBACK_COMPLETE"
    with pytest.raises(StackFailedError, match="no such bus"):
        apply(cloudformation, Stack(NAME, "other", {}))
    events: list[Any] = []
    change_set = prepare(cloudformation, Stack(NAME, "fixed", {}), POLL)
    assert change_set is not None
    execute(cloudformation, change_set, POLL, events.append)
    assert [event["ResourceStatus"] for event in events] == ["UPDATE_IN_PROGRESS"]


def test_execution_beyond_the_deadline_raises_an_error() -> None:
    cloudformation = FakeCloudFormation(ends={NAME: "CREATE_IN_PROGRESS"})
    change_set = prepare(cloudformation, DESIRED, POLL)
    assert change_set is not None
    with pytest.raises(StackFailedError, match="CREATE_IN_PROGRESS after 0 s"):
        execute(cloudformation, change_set, PollPolicy(0.05, 0.001), lambda _: None)


def test_stack_that_another_run_does_not_finish_raises_an_error() -> None:
    cloudformation = FakeCloudFormation({NAME: FakeStack("UPDATE_IN_PROGRESS")})
    with pytest.raises(StackFailedError, match="not done after 0 s"):
        prepare(cloudformation, DESIRED, PollPolicy(0.05, 0.001))


def test_denied_access_is_not_taken_for_a_missing_stack() -> None:
    class Denying(FakeCloudFormation):
        def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - AWS's
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": StackName}}, "DescribeStacks")

    with pytest.raises(ClientError, match="AccessDenied"):
        prepare(Denying(), DESIRED, POLL)


def test_outputs_of_a_missing_stack_are_empty() -> None:
    assert outputs(FakeCloudFormation({NAME: FakeStack("CREATE_COMPLETE")}), NAME) == {"Table": "t"}
    assert outputs(FakeCloudFormation(), NAME) == {}


def test_deleting_a_missing_stack_does_nothing() -> None:
    cloudformation = FakeCloudFormation({NAME: FakeStack("UPDATE_COMPLETE")})
    delete(cloudformation, NAME, 5, 0.001)
    assert cloudformation.stacks == {}
    delete(cloudformation, NAME, 5, 0.001)
    assert actions(cloudformation) == ["delete"]


def test_failed_deletion_names_the_resource_and_its_reason() -> None:
    cloudformation = FakeCloudFormation({NAME: FakeStack("UPDATE_COMPLETE")}, {NAME: "DELETE_FAILED"})
    with pytest.raises(StackFailedError, match="DELETE_FAILED: Bucket: not empty"):
        delete(cloudformation, NAME, 5, 0.001)
