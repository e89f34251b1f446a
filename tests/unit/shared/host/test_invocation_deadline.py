"""The deadline of a request that a Lambda function answers."""

import pytest

from shared.host.invocation_deadline import InvocationDeadline


async def test_the_time_for_handing_over_is_reserved() -> None:
    given: list[float] = []

    async def finish_or_hand_over(seconds: float) -> None:
        given.append(seconds)

    deadline = InvocationDeadline(finish_or_hand_over, 30, hand_over_s=2)
    assert deadline.seconds == pytest.approx(28, abs=1)
    await deadline.finish_or_hand_over()
    assert given[0] == pytest.approx(28, abs=1)


async def test_no_time_is_left_when_the_reserve_takes_all_of_it() -> None:
    async def finish_or_hand_over(_seconds: float) -> None:
        return

    assert InvocationDeadline(finish_or_hand_over, 1, hand_over_s=2).seconds == 0
