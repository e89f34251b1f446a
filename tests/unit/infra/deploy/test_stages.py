"""Several stacks at once: one list of changes, one approval, and all of them or none."""

from collections.abc import Sequence

import pytest

from infra.deploy.change_sets import ChangeSet, PollPolicy
from infra.deploy.stacks import Stack, StackFailedError
from infra.deploy.stages import NotApprovedError, apply_stacks
from tests.fakes.cloudformation import FakeCloudFormation, FakeStack

POLL = PollPolicy(deadline_s=5, interval_s=0.001)
CHAT, BOTS = Stack("chat", "a", {}), Stack("bots", "b", {})


def test_stacks_are_applied_together_and_outputs_are_returned_in_order() -> None:
    cloudformation = FakeCloudFormation({"bots": FakeStack("CREATE_COMPLETE", outputs={"Queue": "q"})})
    assert apply_stacks(cloudformation, [CHAT, BOTS], POLL) == [{"Table": "t"}, {"Queue": "q"}]


def test_approval_is_requested_once_for_all_changed_stacks() -> None:
    cloudformation = FakeCloudFormation()
    apply_stacks(cloudformation, [CHAT], POLL)
    shown: list[list[str]] = []

    def approve(change_sets: Sequence[ChangeSet]) -> bool:
        shown.append([each.stack.name for each in change_sets])
        return True

    apply_stacks(cloudformation, [CHAT, BOTS], POLL, approve=approve)
    apply_stacks(cloudformation, [CHAT, BOTS], POLL, approve=approve)
    assert shown == [["bots"]]


def test_without_approval_nothing_is_created() -> None:
    cloudformation = FakeCloudFormation()
    with pytest.raises(NotApprovedError):
        apply_stacks(cloudformation, [CHAT, BOTS], POLL, approve=lambda _: False)
    assert {action for action, _ in cloudformation.calls} == {"prepare", "drop", "delete"}


def test_without_approval_an_existing_stack_is_kept() -> None:
    cloudformation = FakeCloudFormation()
    apply_stacks(cloudformation, [CHAT], POLL)
    with pytest.raises(NotApprovedError):
        apply_stacks(cloudformation, [Stack("chat", "other", {})], POLL, approve=lambda _: False)
    assert cloudformation.stacks["chat"].status == "CREATE_COMPLETE"


def test_a_failed_stack_does_not_stop_the_others() -> None:
    cloudformation = FakeCloudFormation(ends={"chat": "ROLLBACK_COMPLETE"})
    with pytest.raises(StackFailedError, match="chat"):
        apply_stacks(cloudformation, [CHAT, BOTS], POLL)
    assert cloudformation.stacks["bots"].status == "CREATE_COMPLETE"


def test_progress_events_have_the_name_of_their_stack() -> None:
    events: list[tuple[str, str]] = []
    apply_stacks(
        FakeCloudFormation(),
        [CHAT],
        POLL,
        on_event=lambda name, event: events.append((name, event["LogicalResourceId"])),
    )
    assert events == [("chat", "Table")]
