"""Several stacks at once: one look, one question, and all of them or none."""

from collections.abc import Sequence

import pytest

from infra.deploy.change_sets import ChangeSet, PollPolicy
from infra.deploy.stacks import Stack, StackFailedError
from infra.deploy.stages import NotApprovedError, apply_stacks
from tests.fakes.cloudformation import FakeCloudFormation, FakeStack

POLL = PollPolicy(deadline_s=5, interval_s=0.001)
CHAT, BOTS = Stack("chat", "a", {}), Stack("bots", "b", {})


def test_both_are_brought_up_and_tell_their_outputs_in_order() -> None:
    cloudformation = FakeCloudFormation({"bots": FakeStack("CREATE_COMPLETE", outputs={"Queue": "q"})})
    assert apply_stacks(cloudformation, [CHAT, BOTS], POLL) == [{"Table": "t"}, {"Queue": "q"}]


def test_it_is_asked_once_for_all_that_changes_and_not_for_what_does_not() -> None:
    cloudformation = FakeCloudFormation()
    apply_stacks(cloudformation, [CHAT], POLL)
    shown: list[list[str]] = []

    def approve(change_sets: Sequence[ChangeSet]) -> bool:
        shown.append([each.stack.name for each in change_sets])
        return True

    apply_stacks(cloudformation, [CHAT, BOTS], POLL, approve=approve)
    apply_stacks(cloudformation, [CHAT, BOTS], POLL, approve=approve)
    assert shown == [["bots"]]


def test_a_no_changes_nothing_and_leaves_nothing_behind() -> None:
    cloudformation = FakeCloudFormation()
    with pytest.raises(NotApprovedError):
        apply_stacks(cloudformation, [CHAT, BOTS], POLL, approve=lambda _: False)
    assert {act for act, _ in cloudformation.calls} == {"prepare", "drop", "delete"}


def test_a_no_to_an_update_keeps_the_stack() -> None:
    cloudformation = FakeCloudFormation()
    apply_stacks(cloudformation, [CHAT], POLL)
    with pytest.raises(NotApprovedError):
        apply_stacks(cloudformation, [Stack("chat", "other", {})], POLL, approve=lambda _: False)
    assert cloudformation.stacks["chat"].status == "CREATE_COMPLETE"


def test_what_fails_does_not_stop_what_has_begun() -> None:
    cloudformation = FakeCloudFormation(ends={"chat": "ROLLBACK_COMPLETE"})
    with pytest.raises(StackFailedError, match="chat"):
        apply_stacks(cloudformation, [CHAT, BOTS], POLL)
    assert cloudformation.stacks["bots"].status == "CREATE_COMPLETE"


def test_progress_is_told_by_stack() -> None:
    heard: list[tuple[str, str]] = []
    apply_stacks(
        FakeCloudFormation(),
        [CHAT],
        POLL,
        on_event=lambda name, event: heard.append((name, event["LogicalResourceId"])),
    )
    assert heard == [("chat", "Table")]
