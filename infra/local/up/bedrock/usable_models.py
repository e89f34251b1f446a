"""`python -m infra.local.up.bedrock.usable_models` prints which of the offered models this account may use.

It reads the environment of the process that calls models. It always exits with 0 and prints at least one line; no line
contains a secret or the message of an AWS error, which may quote what was sent.
"""

import asyncio
import signal
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from aiobotocore.config import AioConfig
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra.local.supervisor.parent_death import die_with_parent
from infra.local.up.bedrock.failures import reason
from infra.local.up.bedrock.model_access import (
    FAILURES,
    Access,
    ModelAccess,
    RegionLists,
    access_of,
    check_rights,
    read_lists,
)
from shared.aws.service_models import new_session
from shared.catalogue import Catalogue, Source

_SOURCES: Final[tuple[Source, ...]] = ("bedrock",)
_LISTS_S: Final = 5.0
_RIGHTS_S: Final = 3.0
_CLIENT: Final = AioConfig(
    connect_timeout=2,
    read_timeout=4,
    retries={"mode": "standard", "total_max_attempts": 2},
    ignore_configured_endpoint_urls=False,
)


class CheckSettings(BaseSettings):
    """Those settings of chat that say which models it offers and how it calls them."""

    model_config = SettingsConfigDict(env_prefix="COLLOQUY_", env_ignore_empty=True, extra="ignore", frozen=True)

    allowed_models: tuple[str, ...] = ()
    bedrock_region: str
    bedrock_profile: str | None = None


async def find(settings: CheckSettings, now: datetime) -> list[str]:
    """Ask Bedrock; return the lines to print."""
    region = settings.bedrock_region
    offered = list(Catalogue.offered(_SOURCES, settings.allowed_models))
    try:
        session = new_session(settings.bedrock_profile)
        async with session.create_client("bedrock", region_name=region, config=_CLIENT) as client:
            lists = await read_lists(client, within_s=_LISTS_S)
            # `make up` leaves both kinds of profiles switched on, which is chat's default.
            listed = [
                access_of(model, model.invocation_ids(region, global_profiles=True, regional_profiles=True), lists, now)
                for model in offered
            ]
            checked, refused = await check_rights(client, listed, within_s=_RIGHTS_S)
    except FAILURES as error:
        return [_not_known(error, settings)]
    return lines(settings, lists, checked, refused)


def lines(
    settings: CheckSettings, lists: RegionLists, models: Sequence[ModelAccess], refused: BaseException | None
) -> list[str]:
    """One line for each model, and one for each question that Bedrock did not answer.

    `refused`: the first failure of the questions about single models.
    """
    if lists.foundation_models is None and lists.profiles is None:
        return [_not_known(next(iter(lists.failures.values())), settings)]
    usable = sum(each.access is Access.USABLE for each in models)
    found = [f"  Bedrock in {settings.bedrock_region}: {usable} of {len(models)} offered models may be used"]
    found += [f"    {_sentence(each, settings.bedrock_region)}" for each in models]
    found += [
        f"    {operation} was not answered, so some models are unknown: {reason(error, settings.bedrock_profile)}"
        for operation, error in lists.failures.items()
    ]
    if refused:
        found.append(f"    Not each model was checked for denied access: {reason(refused, settings.bedrock_profile)}")
    return found


def _not_known(error: BaseException, settings: CheckSettings) -> str:
    return f"  Which models may be used is not known: {reason(error, settings.bedrock_profile)}"


def _sentence(each: ModelAccess, region: str) -> str:
    name = each.model.name
    match each.access:
        case Access.USABLE:
            until = f", until {each.ends:%Y-%m-%d}" if each.ends else ""
            terms = "; the first call accepts the provider's terms" if each.needs_agreement else ""
            return f"usable   {name}{until}{terms}"
        case Access.DENIED:
            return f"no       {name}: access denied"
        case Access.NOT_IN_REGION:
            return f"no       {name}: not in {region}"
        case Access.ENDED:
            return f"no       {name}: ended on {each.ends:%Y-%m-%d}"
        case Access.UNKNOWN:
            return f"unknown  {name}"


if __name__ == "__main__":
    die_with_parent(signal.SIGKILL)
    print("\n".join(asyncio.run(find(CheckSettings(), datetime.now(UTC)))), flush=True)
