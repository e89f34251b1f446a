"""A model: the ids under which it is invoked, and the days on which it becomes legacy and ends."""

from datetime import date

import pytest

from shared.catalogue import Model
from shared.catalogue.data import catalogue_data

MODELS = catalogue_data().models
BY_ID = {model.id: model for model in MODELS}
LEGACY = BY_ID["claude-sonnet-4-5"]  # legacy on 2026-10-08, ends on 2027-04-08
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)


@pytest.mark.parametrize(
    ("region", "ids"),
    [
        ("us-east-1", ["global.", "us.", ""]),
        ("ca-central-1", ["global.", "us.", ""]),
        ("eu-central-1", ["global.", "eu.", ""]),
        ("ap-northeast-1", ["global.", "jp.", ""]),
        ("ap-southeast-2", ["global.", "au.", ""]),
        ("ap-south-1", ["global.", "in.", ""]),
        ("ap-northeast-2", ["global.", ""]),
        ("us-gov-west-1", [""]),
    ],
)
def test_each_region_uses_the_global_profile_first_and_then_its_nearest(region: str, ids: list[str]) -> None:
    model = BY_ID["claude-haiku-4-5"]
    candidates = model.invocation_ids(region, global_profiles=True, regional_profiles=True)
    assert list(candidates) == [f"{prefix}{model.bedrock_id}" for prefix in ids]


@pytest.mark.parametrize("region", ["ap-northeast-1", "ap-southeast-2", "ap-northeast-2", "ap-south-1"])
def test_regions_of_asia_pacific_use_the_apac_profile_of_older_models(region: str) -> None:
    ids = BY_ID["nova-pro"].invocation_ids(region, global_profiles=True, regional_profiles=True)
    assert ids[0].startswith("apac.")


def test_canada_prefers_its_own_profile() -> None:
    ids = BY_ID["nova-lite"].invocation_ids("ca-central-1", global_profiles=True, regional_profiles=True)
    assert [each.partition(".")[0] for each in ids] == ["ca", "us", "amazon"]


def test_profiles_are_used_only_if_the_deployment_enables_them() -> None:
    model = BY_ID["claude-sonnet-4-6"]
    assert model.invocation_ids("us-east-1", global_profiles=False, regional_profiles=True) == (
        f"us.{model.bedrock_id}",
        model.bedrock_id,
    )
    assert model.invocation_ids("us-east-1", global_profiles=False, regional_profiles=False) == (model.bedrock_id,)


@every_model
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-3", "ap-northeast-2", "me-central-1", "us-gov-west-1"])
def test_the_last_candidate_is_the_model_without_a_profile(model: Model, region: str) -> None:
    ids = model.invocation_ids(region, global_profiles=True, regional_profiles=True)
    assert ids[-1] == model.bedrock_id
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("today", "legacy", "ended"),
    [
        (date(2026, 10, 7), False, False),
        (date(2026, 10, 8), True, False),
        (date(2027, 4, 7), True, False),
        (date(2027, 4, 8), False, True),
    ],
)
def test_a_model_is_legacy_from_one_day_and_ended_from_another(today: date, legacy: bool, ended: bool) -> None:
    assert (LEGACY.is_legacy(today), LEGACY.has_ended(today)) == (legacy, ended)


def test_a_model_without_dates_never_ends() -> None:
    assert not BY_ID["scripted.echo"].has_ended(date(2999, 1, 1))
    assert not BY_ID["scripted.echo"].is_legacy(date(2999, 1, 1))
