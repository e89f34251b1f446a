"""The deadline of an invocation, as the web adapter tells it."""

import json

import pytest
from aiohttp.test_utils import make_mocked_request

from shared.http.wire.invocation_context import HEADER, seconds_left
from tests.fakes.clock import FakeClock


def left(clock: FakeClock, header: str | None) -> float | None:
    return seconds_left(make_mocked_request("GET", "/", headers={HEADER: header} if header is not None else {}), clock)


def test_it_is_a_little_before_lambda_ends_the_process() -> None:
    clock = FakeClock()
    deadline = int((clock.now().timestamp() + 30) * 1000)
    told = json.dumps({"request_id": "8f5a", "deadline": deadline, "env_config": {"memory": 512}})
    assert left(clock, told) == pytest.approx(28, abs=0.01)


def test_a_deadline_that_has_passed_leaves_nothing() -> None:
    assert left(FakeClock(), json.dumps({"deadline": 1})) == 0


@pytest.mark.parametrize("header", [None, "", "{}", "rubbish", "[1]", '{"deadline": "soon"}', '{"deadline": -1}'])
def test_who_tells_no_deadline_has_none(header: str | None) -> None:
    assert left(FakeClock(), header) is None
