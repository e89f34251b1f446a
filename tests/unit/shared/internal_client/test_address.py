"""Addresses of other services: given directly or as the name of a parameter."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from shared.internal_client.address import FRESH_S, Address
from tests.fakes.clock import FakeClock

NAME = "/colloquy/prod/agents/api-url"


class FakeSsm:
    def __init__(self, **values: str) -> None:
        self.values = values
        self.requested_names: list[str] = []
        self.error: Exception | None = None

    async def get_parameter(self, *, Name: str) -> dict[str, Any]:  # noqa: N803 - botocore's name
        self.requested_names.append(Name)
        if self.error:
            raise self.error
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
async def test_a_given_address_is_not_looked_up(ssm: FakeSsm, given: str) -> None:
    assert await address(given, ssm, FakeClock()).find() == given
    assert ssm.requested_names == []


async def test_a_parameter_is_looked_up_again_when_its_value_is_old(ssm: FakeSsm) -> None:
    clock = FakeClock()
    found = address(f"ssm:{NAME}", ssm, clock)
    assert [await found.find(), await found.find()] == ["https://one.example"] * 2
    assert ssm.requested_names == [NAME]
    ssm.values[NAME] = "https://two.example"
    clock.advance(FRESH_S)
    assert await found.find() == "https://two.example"


async def test_a_missing_parameter_is_looked_up_again_after_thirty_seconds() -> None:
    clock, ssm = FakeClock(), FakeSsm()
    found = address(f"ssm:{NAME}", ssm, clock)
    assert await found.find() == ""
    ssm.values[NAME] = "https://one.example"
    assert await found.find() == ""
    clock.advance(30)
    assert await found.find() == "https://one.example"


@pytest.mark.parametrize(
    "error",
    [ClientError({"Error": {"Code": "Throttling"}}, "GetParameter"), ConnectTimeoutError(endpoint_url="https://ssm")],
)
async def test_a_failed_lookup_is_repeated_by_the_next_call(ssm: FakeSsm, error: Exception) -> None:
    found = address(f"ssm:{NAME}", ssm, FakeClock())
    ssm.error = error
    with pytest.raises(ConnectionError, match="cannot be looked up"):
        await found.find()
    ssm.error = None
    assert await found.find() == "https://one.example"
