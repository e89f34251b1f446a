"""Several stacks at once: one look, one question, and all of them or none."""

from collections.abc import Sequence

import pytest

from infra.deploy.change_sets import ChangeSet, Pace
from infra.deploy.stacks import Stack, StackFailedError
from infra.deploy.stages import NotApprovedError, bring_up
from tests.fakes.cloudformation import FakeCloudFormation, FakeStack

PACE = Pace(deadline_s=5, every_s=0.001)
CHAT, BOTS = Stack("chat", "a", {}), Stack("bots", "b", {})


def test_both_are_brought_up_and_tell_their_outputs_in_order() -> None:
    cloudformation = FakeCloudFormation({"bots": FakeStack("CREATE_COMPLETE", outputs={"Queue": "q"})})
    assert bring_up(cloudformation, [CHAT, BOTS], PACE) == [{"Table": "t"}, {"Queue": "q"}]


def test_it_is_asked_once_for_all_that_changes_and_not_for_what_does_not() -> None:
    cloudformation = FakeCloudFormation()
    bring_up(cloudformation, [CHAT], PACE)
    shown: list[list[str]] = []

    def approve(change_sets: Sequence[ChangeSet]) -> bool:
        shown.append([each.stack.name for each in change_sets])
        return True

    bring_up(cloudformation, [CHAT, BOTS], PACE, approve=approve)
    bring_up(cloudformation, [CHAT, BOTS], PACE, approve=approve)
    assert shown == [["bots"]]


def test_a_no_changes_nothing_and_leaves_nothing_behind() -> None:
    cloudformation = FakeCloudFormation()
    with pytest.raises(NotApprovedError):
        bring_up(cloudformation, [CHAT, BOTS], PACE, approve=lambda _: False)
    assert {act for act, _ in cloudformation.calls} == {"prepare", "drop", "delete"}


def test_a_no_to_an_update_keeps_the_stack() -> None:
    cloudformation = FakeCloudFormation()
    bring_up(cloudformation, [CHAT], PACE)
    with pytest.raises(NotApprovedError):
        bring_up(cloudformation, [Stack("chat", "other", {})], PACE, approve=lambda _: False)
    assert cloudformation.stacks["chat"].status == "CREATE_COMPLETE"


def test_what_fails_does_not_stop_what_has_begun() -> None:
    cloudformation = FakeCloudFormation(ends={"chat": "ROLLBACK_COMPLETE"})
    with pytest.raises(StackFailedError, match="chat"):
        bring_up(cloudformation, [CHAT, BOTS], PACE)
    assert cloudformation.stacks["bots"].status == "CREATE_COMPLETE"


def test_progress_is_told_by_stack() -> None:
    heard: list[tuple[str, str]] = []
    bring_up(
        FakeCloudFormation(), [CHAT], PACE, tell=lambda name, event: heard.append((name, event["LogicalResourceId"]))
    )
    assert heard == [("chat", "Table")]
