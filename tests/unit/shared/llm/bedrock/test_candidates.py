"""Candidates for a model follow the settings of the deployment."""

import pytest

from shared.catalogue import Catalogue
from shared.llm.bedrock.candidates import Candidate, candidates
from tests.fakes.chat_service import settings
from tests.fakes.clock import FakeClock

CATALOGUE = Catalogue.offered(("bedrock", "scripted"), clock=FakeClock())
HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0"


def ids(**changed: object) -> list[tuple[str, str]]:
    found = candidates(CATALOGUE.get("claude-haiku-4-5"), settings(**changed))
    return [(each.region, each.model_id.removesuffix(HAIKU)) for each in found]


def test_profiles_come_before_the_model_without_a_profile() -> None:
    assert ids() == [("us-east-1", "global."), ("us-east-1", "us."), ("us-east-1", "")]


@pytest.mark.parametrize(
    ("changed", "first"),
    [
        ({"bedrock_region": "eu-central-1", "global_inference": False}, ("eu-central-1", "eu.")),
        ({"global_inference": False, "cross_region_inference": False}, ("us-east-1", "")),
    ],
)
def test_the_profile_follows_the_deployments_settings(changed: dict[str, object], first: tuple[str, str]) -> None:
    assert ids(**changed)[0] == first


def test_fallback_regions_come_last_with_profiles_of_their_own() -> None:
    regions = {"bedrock_fallback_regions": ("eu-west-1",), "global_inference": False}
    assert ids(**regions) == [("us-east-1", "us."), ("us-east-1", ""), ("eu-west-1", "eu."), ("eu-west-1", "")]


def test_a_region_that_is_configured_twice_is_one_candidate() -> None:
    regions = ("us-west-2", "us-east-1", "us-west-2")
    found = candidates(CATALOGUE.get("scripted.echo"), settings(bedrock_fallback_regions=regions))
    assert found == (Candidate("us-east-1", "scripted.echo"), Candidate("us-west-2", "scripted.echo"))


def test_a_candidate_knows_its_area() -> None:
    found = candidates(CATALOGUE.get("claude-haiku-4-5"), settings())
    assert [each.area for each in found] == ["global", "us", "region"]
