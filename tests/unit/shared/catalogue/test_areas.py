"""Areas of inference profiles: which of them a region may use, and which one an invocation used."""

import pytest

from shared.catalogue.areas import AREAS, area_of, areas_of_region, has_global_profiles


@pytest.mark.parametrize(
    ("region", "areas"),
    [
        ("us-east-1", ("us",)),
        ("us-west-2", ("us",)),
        ("us-gov-west-1", ("us-gov",)),
        ("ca-central-1", ("ca", "us")),
        ("ca-west-1", ("ca", "us")),
        ("eu-central-1", ("eu",)),
        ("eu-west-2", ("eu",)),
        ("ap-northeast-1", ("jp", "apac")),
        ("ap-northeast-3", ("jp", "apac")),
        ("ap-northeast-2", ("apac",)),
        ("ap-southeast-1", ("apac",)),
        ("ap-southeast-2", ("au", "apac")),
        ("ap-southeast-4", ("au", "apac")),
        ("ap-south-1", ("in", "apac")),
        ("ap-south-2", ("in", "apac")),
        ("sa-east-1", ()),
        ("me-central-1", ()),
    ],
)
def test_a_region_uses_the_profiles_of_its_areas_the_nearest_first(region: str, areas: tuple[str, ...]) -> None:
    assert areas_of_region(region) == areas


@pytest.mark.parametrize(("region", "allowed"), [("us-gov-east-1", False), ("us-east-1", True), ("sa-east-1", True)])
def test_govcloud_has_no_global_profiles(region: str, allowed: bool) -> None:
    assert has_global_profiles(region) is allowed


@pytest.mark.parametrize("area", [area for area in AREAS if area != "region"])
def test_an_id_with_a_profiles_prefix_is_of_its_area(area: str) -> None:
    assert area_of(f"{area}.anthropic.claude-opus-5-5") == area


@pytest.mark.parametrize("model_id", ["anthropic.claude-opus-5-5", "scripted.echo", "usual.model"])
def test_an_id_without_a_profile_is_of_its_region(model_id: str) -> None:
    assert area_of(model_id) == "region"
