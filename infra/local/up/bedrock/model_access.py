"""Which models an account may use in a region, as Bedrock's control plane says. No model is invoked: it costs nothing.

Three operations (https://docs.aws.amazon.com/bedrock/latest/APIReference/): ListFoundationModels has the models of a
region and their lifecycle, ListInferenceProfiles has the profiles (new models can be called by a profile only), and
GetFoundationModelAvailability has the account's right to use one model. These answers are no proof: a call may still be
refused, for example by a service control policy.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from botocore.exceptions import ClientError

from shared.catalogue import Model
from shared.llm.bedrock.errors import TRANSPORT_ERRORS

LIST_MODELS: Final = "ListFoundationModels"
LIST_PROFILES: Final = "ListInferenceProfiles"
GET_AVAILABILITY: Final = "GetFoundationModelAvailability"
FAILURES: Final = (ClientError, *TRANSPORT_ERRORS, EOFError)
"""What a call may raise. EOFError: a profile asks for an MFA code, and there is no terminal."""

_AT_ONCE: Final = 5
_MOST_PAGES: Final = 20


class Access(StrEnum):
    USABLE = "usable"
    DENIED = "denied"
    NOT_IN_REGION = "not in the region"
    ENDED = "ended"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ModelAccess:
    """`ends`: when the model's life ends or has ended, if the region's list says so.

    `needs_agreement`: the account has not accepted the provider's terms yet; the first call accepts them.
    """

    model: Model
    access: Access
    ends: datetime | None = None
    needs_agreement: bool = False


@dataclass(frozen=True)
class RegionLists:
    """`foundation_models` by id and the ids of usable `profiles`; None where the list could not be read.

    `failures`: operation → what it raised.
    """

    foundation_models: Mapping[str, Mapping[str, Any]] | None = None
    profiles: frozenset[str] | None = None
    failures: Mapping[str, BaseException] = field(default_factory=dict)


async def read_lists(client: Any, *, within_s: float) -> RegionLists:
    """Read both lists at the same time. `client` is one of the service `bedrock`. Failures are part of the result."""
    failures: dict[str, BaseException] = {}

    async def read(operation: str, reading: Callable[[Any], Awaitable[Any]]) -> Any:
        try:
            async with asyncio.timeout(within_s):
                return await reading(client)
        except FAILURES as error:
            failures[operation] = error
            return None

    models, profiles = await asyncio.gather(read(LIST_MODELS, _models), read(LIST_PROFILES, _profiles))
    return RegionLists(models, profiles, failures)


def access_of(model: Model, ids: Sequence[str], lists: RegionLists, now: datetime) -> ModelAccess:
    """What the lists say of a model that is called by one of `ids`, its inference profiles and its plain id."""
    listed = (lists.foundation_models or {}).get(model.bedrock_id, {})
    ends = listed.get("modelLifecycle", {}).get("endOfLifeTime")
    if ends is not None and ends <= now:
        return ModelAccess(model, Access.ENDED, ends)
    has_profile = not (lists.profiles or frozenset()).isdisjoint(ids)
    if has_profile or "ON_DEMAND" in listed.get("inferenceTypesSupported", ()):
        return ModelAccess(model, Access.USABLE, ends)
    is_complete = lists.foundation_models is not None and lists.profiles is not None
    return ModelAccess(model, Access.NOT_IN_REGION if is_complete else Access.UNKNOWN, ends)


async def check_rights(
    client: Any, models: Iterable[ModelAccess], *, within_s: float
) -> tuple[list[ModelAccess], BaseException | None]:
    """Ask for the account's right to use each model that is usable by the lists. Also returns the first failure.

    A model whose right could not be read stays usable: the permission to ask is rarer than the permission to call.
    """
    limit = asyncio.Semaphore(_AT_ONCE)
    failures: list[BaseException] = []

    async def check(each: ModelAccess) -> ModelAccess:
        try:
            async with asyncio.timeout_at(deadline), limit:
                rights = await client.get_foundation_model_availability(modelId=each.model.bedrock_id)
        except FAILURES as error:
            failures.append(error)
            return each
        return _with_rights(each, rights)

    async def unchanged(each: ModelAccess) -> ModelAccess:
        return each

    deadline = asyncio.get_running_loop().time() + within_s
    checks = (check(each) if each.access is Access.USABLE else unchanged(each) for each in models)
    return list(await asyncio.gather(*checks)), failures[0] if failures else None


def _with_rights(each: ModelAccess, rights: Mapping[str, Any]) -> ModelAccess:
    # entitlementAvailability is not looked at: like the agreement it comes into being with the first call.
    if rights.get("authorizationStatus") == "NOT_AUTHORIZED":
        return replace(each, access=Access.DENIED)
    return replace(each, needs_agreement=rights.get("agreementAvailability", {}).get("status") == "NOT_AVAILABLE")


async def _models(client: Any) -> dict[str, Mapping[str, Any]]:
    answer = await client.list_foundation_models()
    return {each["modelId"]: each for each in answer.get("modelSummaries", ())}


async def _profiles(client: Any) -> frozenset[str]:
    found: set[str] = set()
    more: dict[str, str] = {}
    for _ in range(_MOST_PAGES):
        answer = await client.list_inference_profiles(typeEquals="SYSTEM_DEFINED", maxResults=1000, **more)
        summaries = answer.get("inferenceProfileSummaries", ())
        found |= {each["inferenceProfileId"] for each in summaries if each["status"] == "ACTIVE"}
        if not answer.get("nextToken"):
            break
        more = {"nextToken": answer["nextToken"]}
    return frozenset(found)
