"""Areas: the groups of regions among which Bedrock spreads the calls of an inference profile.

https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
"""

from typing import Final, Literal, get_args

Area = Literal["global", "us", "us-gov", "ca", "eu", "apac", "jp", "au", "in", "region"]
"""The prefix of an inference profile; `region`: the model was called without a profile, in one region."""

AREAS: Final[tuple[Area, ...]] = get_args(Area)


_OF_REGIONS: Final[tuple[tuple[str, tuple[Area, ...]], ...]] = (
    ("us-gov-", ("us-gov",)),
    ("us-", ("us",)),
    ("ca-", ("ca", "us")),
    ("eu-", ("eu",)),
    ("ap-northeast-1", ("jp", "apac")),
    ("ap-northeast-3", ("jp", "apac")),
    ("ap-southeast-2", ("au", "apac")),
    ("ap-southeast-4", ("au", "apac")),
    ("ap-south-", ("in", "apac")),
    ("ap-", ("apac",)),
)
"""Beginnings of regions; the first that fits counts."""


def areas_of_region(region: str) -> tuple[Area, ...]:
    """Areas of the profiles that a source region may use, the nearest first, without `global`."""
    return next((areas for beginning, areas in _OF_REGIONS if region.startswith(beginning)), ())


def has_global_profiles(region: str) -> bool:
    """Whether the region may use `global.` profiles: GovCloud may not, because its calls stay in its partition."""
    return not region.startswith("us-gov-")


def area_of(invocation_id: str) -> Area:
    """The area of an id under which a model was invoked: `eu` of `eu.amazon.nova-pro-v1:0`."""
    prefix = invocation_id.partition(".")[0]
    return next((area for area in AREAS if area == prefix), "region")
