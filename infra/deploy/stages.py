"""Several stacks side by side: all their changes are shown, asked for once, and carried out together."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from infra.deploy import stacks
from infra.deploy.change_sets import ChangeSet, Pace, carry_out, prepare
from infra.deploy.stacks import Stack

Approve = Callable[[Sequence[ChangeSet]], bool]
Tell = Callable[[str, Mapping[str, Any]], None]
"""Of which stack, and CloudFormation's event."""


class NotApprovedError(Exception):
    """The person at the terminal said no; nothing of this stage was changed."""


def everything(_: Sequence[ChangeSet]) -> bool:
    return True


def nobody(_: str, __: Mapping[str, Any]) -> None:
    """Where nobody watches."""


def bring_up(
    cloudformation: Any, wanted: Sequence[Stack], pace: Pace, *, approve: Approve = everything, tell: Tell = nobody
) -> list[dict[str, str]]:
    """Outputs, in the order of `wanted`. Raises StackFailedError, NotApprovedError.

    When one stack fails, the others are still waited for: what they have begun cannot be called off.
    """
    with ThreadPoolExecutor(len(wanted)) as pool:
        prepared = list(pool.map(lambda stack: prepare(cloudformation, stack, pace), wanted))
        if (changed := [each for each in prepared if each]) and not approve(changed):
            _drop(cloudformation, changed)
            raise NotApprovedError
        return list(
            pool.map(
                lambda stack, change_set: _carried_out(cloudformation, stack, change_set, pace, tell), wanted, prepared
            )
        )


def _carried_out(
    cloudformation: Any, stack: Stack, change_set: ChangeSet | None, pace: Pace, tell: Tell
) -> dict[str, str]:
    if change_set is None:
        return stacks.outputs(cloudformation, stack.name)
    return carry_out(cloudformation, change_set, pace, lambda event: tell(stack.name, event))


def _drop(cloudformation: Any, changed: Sequence[ChangeSet]) -> None:
    for each in changed:
        cloudformation.delete_change_set(StackName=each.stack.name, ChangeSetName=each.id)
        if each.is_new:  # looking at it has made an empty one
            cloudformation.delete_stack(StackName=each.stack.name)
