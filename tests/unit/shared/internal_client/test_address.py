"""Addresses of other services, given or kept by name."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from shared.internal_client.address import FRESH_S, Address
from tests.fakes.clock import FakeClock

NAME = "/colloquy/prod/agents/api-url"


class FakeSsm:
    def __init__(self, **values: str) -> None:
        self.values = values
        self.asked: list[str] = []
        self.fault: Exception | None = None

    async def get_parameter(self, *, Name: str) -> dict[str, Any]:  # noqa: N803 - botocore's name
        self.asked.append(Name)
        if self.fault:
            raise self.fault
        if Name not in self.values:
            raise ClientError({"Error": {"Code": "ParameterNotFound"}}, "GetParameter")
        return {"Parameter": {"Value": self.values[Name]}}


@pytest.fixture
def ssm() -> FakeSsm:
    return FakeSsm(**{NAME: "https://one.example"})


def address(given: str, ssm: FakeSsm, clock: FakeClock) -> Address:
    async def opened() -> FakeSsm:
        return ssm

    return Address(given, opened, clock)


@pytest.mark.parametrize("given", ["http://127.0.0.1:8103", ""])
async def test_an_address_that_is_given_is_not_looked_up(ssm: FakeSsm, given: str) -> None:
    assert await address(given, ssm, FakeClock()).find() == given
    assert ssm.asked == []


async def test_a_name_is_looked_up_once_in_a_while(ssm: FakeSsm) -> None:
    clock = FakeClock()
    found = address(f"ssm:{NAME}", ssm, clock)
    assert [await found.find(), await found.find()] == ["https://one.example"] * 2
    assert ssm.asked == [NAME]
    ssm.values[NAME] = "https://two.example"
    clock.advance(FRESH_S)
    assert await found.find() == "https://two.example"


async def test_a_stack_that_is_not_there_yet_is_found_soon_after_it_came() -> None:
    clock, ssm = FakeClock(), FakeSsm()
    found = address(f"ssm:{NAME}", ssm, clock)
    assert await found.find() == ""
    ssm.values[NAME] = "https://one.example"
    assert await found.find() == ""
    clock.advance(30)
    assert await found.find() == "https://one.example"


@pytest.mark.parametrize(
    "fault",
    [ClientError({"Error": {"Code": "Throttling"}}, "GetParameter"), ConnectTimeoutError(endpoint_url="https://ssm")],
)
async def test_who_cannot_be_asked_is_asked_again_next_time(ssm: FakeSsm, fault: Exception) -> None:
    found = address(f"ssm:{NAME}", ssm, FakeClock())
    ssm.fault = fault
    with pytest.raises(ConnectionError, match="cannot be looked up"):
        await found.find()
    ssm.fault = None
    assert await found.find() == "https://one.example"
