"""What Bedrock's lists say about a model, and the account's right to use it."""

import asyncio
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from infra.local.up.bedrock.model_access import (
    GET_AVAILABILITY,
    LIST_MODELS,
    LIST_PROFILES,
    Access,
    ModelAccess,
    RegionLists,
    access_of,
    check_rights,
    read_lists,
)
from shared.catalogue import Catalogue

MODEL: Final = next(iter(Catalogue.offered(("bedrock",)))).model_copy(update={"bedrock_id": "some.model"})
IDS: Final = ("us.some.model", "some.model")
NOW: Final = datetime(2026, 11, 1, tzinfo=UTC)
ACCEPTED: Final = {"agreementAvailability": {"status": "AVAILABLE"}}
NOT_ACCEPTED: Final = {"agreementAvailability": {"status": "NOT_AVAILABLE"}}
LATER: Final = datetime(2027, 2, 1, tzinfo=UTC)


def listed(*inference: str, ends: datetime | None = None) -> dict[str, Any]:
    lifecycle = {"status": "LEGACY", "endOfLifeTime": ends} if ends else {"status": "ACTIVE"}
    return {"some.model": {"inferenceTypesSupported": list(inference), "modelLifecycle": lifecycle}}


def access(models: dict[str, Any] | None, *profiles: str, profiles_known: bool = True) -> ModelAccess:
    lists = RegionLists(models, frozenset(profiles) if profiles_known else None)
    return access_of(MODEL, IDS, lists, NOW)


def test_a_model_can_be_used_by_its_own_id_or_by_an_inference_profile() -> None:
    assert access(listed("ON_DEMAND")).access is Access.USABLE
    assert access(listed("INFERENCE_PROFILE"), "us.some.model").access is Access.USABLE


def test_a_model_that_only_a_profile_names_can_be_used() -> None:
    """The newest models are missing in the list of foundation models."""
    assert access({}, "us.some.model").access is Access.USABLE


def test_a_model_without_a_profile_of_this_region_cannot_be_used() -> None:
    assert access(listed("INFERENCE_PROFILE"), "eu.some.model").access is Access.NOT_IN_REGION
    assert access({}).access is Access.NOT_IN_REGION


def test_a_model_has_ended_from_its_end_of_life_on() -> None:
    ended = access(listed("ON_DEMAND", ends=NOW), "us.some.model")
    assert (ended.access, ended.ends) == (Access.ENDED, NOW)
    announced = access(listed("ON_DEMAND", ends=LATER))
    assert (announced.access, announced.ends) == (Access.USABLE, LATER)


def test_what_one_list_does_not_name_is_unknown_while_the_other_could_not_be_read() -> None:
    assert access(None, "us.some.model").access is Access.USABLE
    assert access(None).access is Access.UNKNOWN
    assert access(listed("INFERENCE_PROFILE"), profiles_known=False).access is Access.UNKNOWN


class FakeControlPlane:
    """Raises what an operation has in `failures`; `rights` is the answer about each model."""

    def __init__(self, failures: dict[str, Exception] | None = None, **rights: Any) -> None:
        self.failures, self.rights = failures or {}, rights
        self.at_once = self.most_at_once = 0

    def _fail(self, operation: str) -> None:
        if operation in self.failures:
            raise self.failures[operation]

    async def list_foundation_models(self) -> dict[str, Any]:
        self._fail(LIST_MODELS)
        return {"modelSummaries": [{"modelId": "some.model"}]}

    async def list_inference_profiles(self, **request: Any) -> dict[str, Any]:
        self._fail(LIST_PROFILES)
        page = int(request.get("nextToken", 0))
        summary = {"inferenceProfileId": f"us.{page}", "status": "ACTIVE" if page != 1 else "RETIRED"}
        return {"inferenceProfileSummaries": [summary], **({"nextToken": str(page + 1)} if page < 2 else {})}

    async def get_foundation_model_availability(self, **_request: str) -> dict[str, Any]:
        self._fail(GET_AVAILABILITY)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        return self.rights


async def test_all_pages_of_active_profiles_are_read() -> None:
    lists = await read_lists(FakeControlPlane(), within_s=1)
    assert lists.profiles == {"us.0", "us.2"}
    assert set(lists.foundation_models or ()) == {"some.model"}


async def test_a_list_that_fails_does_not_hide_the_other() -> None:
    refused = ClientError({"Error": {"Code": "AccessDeniedException"}}, LIST_MODELS)
    lists = await read_lists(FakeControlPlane({LIST_MODELS: refused}), within_s=1)
    assert lists.foundation_models is None
    assert lists.profiles
    assert lists.failures == {LIST_MODELS: refused}


async def test_a_list_that_takes_too_long_counts_as_failed() -> None:
    class Silent(FakeControlPlane):
        async def list_foundation_models(self) -> dict[str, Any]:
            await asyncio.Event().wait()
            raise AssertionError

    lists = await read_lists(Silent(), within_s=0.01)
    assert isinstance(lists.failures[LIST_MODELS], TimeoutError)


@pytest.mark.parametrize(
    ("rights", "expected"),
    [
        ({"authorizationStatus": "AUTHORIZED", **ACCEPTED}, (Access.USABLE, False)),
        ({"authorizationStatus": "AUTHORIZED", **NOT_ACCEPTED}, (Access.USABLE, True)),
        ({"authorizationStatus": "NOT_AUTHORIZED", **ACCEPTED}, (Access.DENIED, False)),
    ],
)
async def test_an_account_that_is_not_authorized_is_denied_and_a_missing_agreement_comes_with_the_first_call(
    rights: dict[str, Any], expected: tuple[Access, bool]
) -> None:
    (checked,), failure = await check_rights(
        FakeControlPlane(**rights), [ModelAccess(MODEL, Access.USABLE)], within_s=1
    )
    assert (checked.access, checked.needs_agreement) == expected
    assert failure is None


async def test_only_usable_models_are_checked_a_few_at_a_time() -> None:
    client = FakeControlPlane(authorizationStatus="NOT_AUTHORIZED")
    models = [ModelAccess(MODEL, Access.ENDED), *[ModelAccess(MODEL, Access.USABLE)] * 12]
    checked, _ = await check_rights(client, models, within_s=1)
    assert [each.access for each in checked] == [Access.ENDED, *[Access.DENIED] * 12]
    assert client.most_at_once == 5


async def test_without_the_permission_to_ask_models_stay_usable() -> None:
    refused = ClientError({"Error": {"Code": "AccessDeniedException"}}, GET_AVAILABILITY)
    models = [ModelAccess(MODEL, Access.USABLE)]
    assert await check_rights(FakeControlPlane({GET_AVAILABILITY: refused}), models, within_s=1) == (models, refused)
