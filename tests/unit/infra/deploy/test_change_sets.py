"""What the deployer asks of CloudFormation, given what is there."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.deploy.change_sets import Change, PollPolicy, execute, prepare
from infra.deploy.stacks import Stack, StackFailedError, delete, outputs
from tests.fakes.cloudformation import EVENTS_OF_A_PAGE, FakeCloudFormation, FakeStack

NAME = "colloquy-test-chat"
WANTED = Stack(NAME, "Resources: {}", {"Environment": "test"}, tags={"colloquy:environment": "test"})
POLL = PollPolicy(deadline_s=5, interval_s=0.001)


def brought_up(cloudformation: FakeCloudFormation, stack: Stack = WANTED) -> dict[str, str] | None:
    """Outputs, or None where nothing was to be done."""
    change_set = prepare(cloudformation, stack, POLL)
    return execute(cloudformation, change_set, POLL, lambda _: None) if change_set else None


def acts(cloudformation: FakeCloudFormation) -> list[str]:
    return [act for act, _ in cloudformation.calls]


def test_missing_stack_is_created_with_its_parameters_and_tags() -> None:
    cloudformation = FakeCloudFormation()
    assert brought_up(cloudformation) == {"Table": "t"}
    assert acts(cloudformation) == ["prepare", "create"]
    asked = cloudformation.asked[NAME]
    assert asked["Parameters"] == [{"ParameterKey": "Environment", "ParameterValue": "test"}]
    assert asked["Tags"] == [{"Key": "colloquy:environment", "Value": "test"}]
    assert asked["TemplateBody"] == "Resources: {}"


def test_what_would_change_is_known_before_it_changes() -> None:
    cloudformation = FakeCloudFormation()
    change_set = prepare(cloudformation, WANTED, POLL)
    assert change_set is not None
    assert change_set.is_new
    assert change_set.changes == (Change("Add", "Table", "AWS::DynamoDB::Table"),)
    assert acts(cloudformation) == ["prepare"]


def test_unchanged_stack_is_left_alone_and_no_change_set_stays_behind() -> None:
    cloudformation = FakeCloudFormation()
    brought_up(cloudformation)
    cloudformation.calls.clear()
    assert brought_up(cloudformation) is None
    assert acts(cloudformation) == ["prepare", "drop"]


@pytest.mark.parametrize(
    "other",
    [
        Stack(NAME, "Resources: {More: {}}", WANTED.parameters),
        Stack(NAME, WANTED.body, {"Environment": "test", "ProtectData": "false"}),
        Stack(NAME, WANTED.body, WANTED.parameters, "https://bucket/other.yaml"),
    ],
    ids=["another template", "another parameter", "a template in a bucket"],
)
def test_stack_that_differs_is_updated(other: Stack) -> None:
    cloudformation = FakeCloudFormation()
    brought_up(cloudformation)
    cloudformation.calls.clear()
    assert brought_up(cloudformation, other) == {"Table": "t"}
    assert acts(cloudformation) == ["prepare", "update"]
    assert cloudformation.asked[NAME].get("TemplateURL") == other.address


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "CREATE_FAILED"])
def test_stack_that_never_lived_is_made_anew(status: str) -> None:
    cloudformation = FakeCloudFormation({NAME: FakeStack(status)})
    assert brought_up(cloudformation) == {"Table": "t"}
    assert acts(cloudformation) == ["delete", "prepare", "create"]


def test_stack_that_was_only_looked_at_is_created() -> None:
    cloudformation = FakeCloudFormation({NAME: FakeStack("REVIEW_IN_PROGRESS")})
    assert brought_up(cloudformation) == {"Table": "t"}
    assert acts(cloudformation) == ["prepare", "create"]


def test_update_that_was_rolled_back_is_tried_again() -> None:
    cloudformation = FakeCloudFormation({NAME: FakeStack("UPDATE_ROLLBACK_COMPLETE")})
    assert brought_up(cloudformation) == {"Table": "t"}
    assert acts(cloudformation) == ["prepare", "update"]


def test_what_an_earlier_run_has_begun_is_waited_for() -> None:
    cloudformation = FakeCloudFormation({NAME: FakeStack("UPDATE_IN_PROGRESS", ends="UPDATE_COMPLETE")})
    assert brought_up(cloudformation) == {"Table": "t"}
    assert acts(cloudformation) == ["prepare", "update"]


def test_stack_that_cannot_be_changed_is_told_of_and_left_alone() -> None:
    cloudformation = FakeCloudFormation({NAME: FakeStack("UPDATE_ROLLBACK_FAILED")})
    with pytest.raises(StackFailedError, match="UPDATE_ROLLBACK_FAILED: repair it in the CloudFormation console"):
        prepare(cloudformation, WANTED, POLL)
    assert acts(cloudformation) == []


@pytest.mark.parametrize("body", ["refuse me", "invalid"], ids=["later", "at once"])
def test_template_that_is_refused_says_why(body: str) -> None:
    with pytest.raises(StackFailedError, match=f"{NAME}: Template format error"):
        prepare(FakeCloudFormation(), Stack(NAME, body, {}), POLL)


@pytest.mark.parametrize("ends", ["ROLLBACK_COMPLETE", "CREATE_FAILED"])
def test_failure_names_the_first_resource_that_failed_and_why(ends: str) -> None:
    cloudformation = FakeCloudFormation(ends={NAME: ends})
    with pytest.raises(StackFailedError, match=f"{NAME}: {ends}: A: no such bus"):
        brought_up(cloudformation)


def test_the_first_failure_is_found_behind_all_that_a_rollback_told_since() -> None:
    cloudformation = FakeCloudFormation(ends={NAME: "ROLLBACK_COMPLETE"})
    cloudformation.dull_events = 2 * EVENTS_OF_A_PAGE
    with pytest.raises(StackFailedError, match="A: no such bus"):
        brought_up(cloudformation)


def test_every_event_is_told_once_however_many_come_at_once() -> None:
    cloudformation, heard = FakeCloudFormation(), list[Any]()
    cloudformation.dull_events = 2 * EVENTS_OF_A_PAGE
    change_set = prepare(cloudformation, WANTED, POLL)
    assert change_set is not None
    execute(cloudformation, change_set, POLL, heard.append)
    names = [event["LogicalResourceId"] for event in heard]
    assert names == ["Table", *(f"Dull{number}" for number in range(2 * EVENTS_OF_A_PAGE))]


def test_failure_of_an_earlier_run_is_not_told_again() -> None:
    cloudformation = FakeCloudFormation()
    brought_up(cloudformation)
    cloudformation.ends[NAME] = "UPDATE_ROLLBACK_COMPLETE"
    with pytest.raises(StackFailedError, match="no such bus"):
        brought_up(cloudformation, Stack(NAME, "other", {}))
    heard: list[Any] = []
    change_set = prepare(cloudformation, Stack(NAME, "mended", {}), POLL)
    assert change_set is not None
    execute(cloudformation, change_set, POLL, heard.append)
    assert [event["ResourceStatus"] for event in heard] == ["UPDATE_IN_PROGRESS"]


def test_stack_that_takes_too_long_is_given_up() -> None:
    cloudformation = FakeCloudFormation(ends={NAME: "CREATE_IN_PROGRESS"})
    change_set = prepare(cloudformation, WANTED, POLL)
    assert change_set is not None
    with pytest.raises(StackFailedError, match="CREATE_IN_PROGRESS after 0 s"):
        execute(cloudformation, change_set, PollPolicy(0.05, 0.001), lambda _: None)


def test_stack_that_another_run_never_leaves_is_given_up() -> None:
    cloudformation = FakeCloudFormation({NAME: FakeStack("UPDATE_IN_PROGRESS")})
    with pytest.raises(StackFailedError, match="not done after 0 s"):
        prepare(cloudformation, WANTED, PollPolicy(0.05, 0.001))


def test_refusal_of_cloudformation_is_not_taken_for_a_missing_stack() -> None:
    class Denying(FakeCloudFormation):
        def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - AWS's
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": StackName}}, "DescribeStacks")

    with pytest.raises(ClientError, match="AccessDenied"):
        prepare(Denying(), WANTED, POLL)


def test_outputs_of_a_stack_that_is_there_and_of_one_that_is_not() -> None:
    assert outputs(FakeCloudFormation({NAME: FakeStack("CREATE_COMPLETE")}), NAME) == {"Table": "t"}
    assert outputs(FakeCloudFormation(), NAME) == {}


def test_stack_is_deleted_and_a_missing_one_needs_no_deleting() -> None:
    cloudformation = FakeCloudFormation({NAME: FakeStack("UPDATE_COMPLETE")})
    delete(cloudformation, NAME, 5, 0.001)
    assert cloudformation.stacks == {}
    delete(cloudformation, NAME, 5, 0.001)
    assert acts(cloudformation) == ["delete"]


def test_stack_that_will_not_go_says_what_holds_it() -> None:
    cloudformation = FakeCloudFormation({NAME: FakeStack("UPDATE_COMPLETE")}, {NAME: "DELETE_FAILED"})
    with pytest.raises(StackFailedError, match="DELETE_FAILED: Bucket: not empty"):
        delete(cloudformation, NAME, 5, 0.001)
