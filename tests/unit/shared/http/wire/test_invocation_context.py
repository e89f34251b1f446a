"""The deadline of a Lambda invocation, from the header of the web adapter."""

import json

import pytest
from aiohttp.test_utils import make_mocked_request

from shared.http.wire.invocation_context import HEADER, seconds_left
from tests.fakes.clock import FakeClock


def seconds(clock: FakeClock, header: str | None) -> float | None:
    return seconds_left(make_mocked_request("GET", "/", headers={HEADER: header} if header is not None else {}), clock)


def test_the_deadline_keeps_two_seconds_before_lambdas_timeout() -> None:
    clock = FakeClock()
    deadline = int((clock.now().timestamp() + 30) * 1000)
    header = json.dumps({"request_id": "8f5a", "deadline": deadline, "env_config": {"memory": 512}})
    assert seconds(clock, header) == pytest.approx(28, abs=0.01)


def test_a_passed_deadline_leaves_zero_seconds() -> None:
    assert seconds(FakeClock(), json.dumps({"deadline": 1})) == 0


@pytest.mark.parametrize("header", [None, "", "{}", "rubbish", "[1]", '{"deadline": "soon"}', '{"deadline": -1}'])
def test_without_a_valid_header_there_is_no_deadline(header: str | None) -> None:
    assert seconds(FakeClock(), header) is None
