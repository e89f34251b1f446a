"""Applies several stacks in parallel: shows all their changes, asks once, then executes them together."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from infra.deploy import stacks
from infra.deploy.change_sets import ChangeSet, PollPolicy, execute, prepare
from infra.deploy.stacks import Stack

Approve = Callable[[Sequence[ChangeSet]], bool]
OnEvent = Callable[[str, Mapping[str, Any]], None]
"""Arguments: the stack's name, CloudFormation's event."""


class NotApprovedError(Exception):
    """The person at the terminal said no; nothing of this stage was changed."""


def approve_all(_: Sequence[ChangeSet]) -> bool:
    return True


def ignore_event(_: str, __: Mapping[str, Any]) -> None:
    """The default, which shows no progress."""


def apply_stacks(
    cloudformation: Any,
    desired: Sequence[Stack],
    poll: PollPolicy,
    *,
    approve: Approve = approve_all,
    on_event: OnEvent = ignore_event,
) -> list[dict[str, str]]:
    """Returns the outputs in the order of `desired`. Raises StackFailedError, NotApprovedError.

    When one stack fails, this still waits for the others, because an update that has started cannot be stopped here.
    """
    with ThreadPoolExecutor(len(desired)) as pool:
        prepared = list(pool.map(lambda stack: prepare(cloudformation, stack, poll), desired))
        if (changed := [each for each in prepared if each]) and not approve(changed):
            _drop(cloudformation, changed)
            raise NotApprovedError
        return list(
            pool.map(
                lambda stack, change_set: _execute(cloudformation, stack, change_set, poll, on_event), desired, prepared
            )
        )


def _execute(
    cloudformation: Any, stack: Stack, change_set: ChangeSet | None, poll: PollPolicy, on_event: OnEvent
) -> dict[str, str]:
    if change_set is None:
        return stacks.outputs(cloudformation, stack.name)
    return execute(cloudformation, change_set, poll, lambda event: on_event(stack.name, event))


def _drop(cloudformation: Any, changed: Sequence[ChangeSet]) -> None:
    for each in changed:
        cloudformation.delete_change_set(StackName=each.stack.name, ChangeSetName=each.id)
        if each.is_new:  # creating the change set has created an empty stack
            cloudformation.delete_stack(StackName=each.stack.name)
