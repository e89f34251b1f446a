"""Current groups, requested from the user pool at most once a minute per person."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from shared.identity import DirectoryUnavailable
from shared.identity.directory import MAX_AGE_S, UserPoolDirectory
from tests.fakes.clock import FakeClock
from tests.fakes.faults import Faults, aws_error


class FakePoolClient(Faults):
    def __init__(self, groups: dict[str, list[str]], page: int = 2) -> None:
        super().__init__()
        self.groups = groups
        self._page = page
        self.times_opened = 0

    async def opened(self) -> "FakePoolClient":
        self.times_opened += 1
        return self

    async def admin_list_groups_for_user(self, **parameters: Any) -> dict[str, Any]:
        self._called("admin_list_groups_for_user")
        assert parameters["UserPoolId"] == "pool-1"
        if parameters["Username"] not in self.groups:
            raise aws_error("UserNotFoundException")
        start = int(parameters.get("NextToken", 0))
        held = self.groups[parameters["Username"]]
        answer: dict[str, Any] = {"Groups": [{"GroupName": name} for name in held[start : start + self._page]]}
        if len(held) > start + self._page:
            answer["NextToken"] = str(start + self._page)
        return answer


@pytest.fixture
def client() -> FakePoolClient:
    return FakePoolClient({"person-1": ["Admin", "PublishAllowed", "Other"]})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def directory(client: FakePoolClient, clock: FakeClock) -> UserPoolDirectory:
    return UserPoolDirectory(client.opened, "pool-1", clock=clock)


async def test_the_client_is_opened_by_the_first_lookup(directory: UserPoolDirectory, client: FakePoolClient) -> None:
    assert client.times_opened == 0
    await directory.groups_of("person-1")
    assert client.times_opened == 1


async def test_all_pages_of_groups_are_read(directory: UserPoolDirectory) -> None:
    assert await directory.groups_of("person-1") == {"Admin", "PublishAllowed", "Other"}


async def test_a_removed_group_is_gone_after_a_minute(
    directory: UserPoolDirectory, client: FakePoolClient, clock: FakeClock
) -> None:
    await directory.groups_of("person-1")
    client.groups["person-1"] = []
    clock.advance(MAX_AGE_S - 1)
    assert "Admin" in await directory.groups_of("person-1")
    assert len(client.calls) == 2
    clock.advance(1)
    assert await directory.groups_of("person-1") == frozenset()


async def test_an_unknown_person_has_no_groups(directory: UserPoolDirectory) -> None:
    assert await directory.groups_of("nobody") == frozenset()


@pytest.mark.parametrize(
    "error",
    [aws_error("TooManyRequestsException"), EndpointConnectionError(endpoint_url="http://127.0.0.1")],
)
async def test_a_failed_lookup_raises_directory_unavailable(
    directory: UserPoolDirectory, client: FakePoolClient, clock: FakeClock, error: Exception
) -> None:
    await directory.groups_of("person-1")
    clock.advance(MAX_AGE_S)
    client.fail("admin_list_groups_for_user", error)
    with pytest.raises(DirectoryUnavailable):
        await directory.groups_of("person-1")
    assert "Admin" in await directory.groups_of("person-1")


async def test_the_cache_has_a_limited_size(
    client: FakePoolClient, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.identity.directory._CACHED_MAX", 2)
    directory = UserPoolDirectory(client.opened, "pool-1", clock=clock)
    for subject in ("person-1", "nobody", "else"):
        await directory.groups_of(subject)
    assert len(directory._cache) == 2
