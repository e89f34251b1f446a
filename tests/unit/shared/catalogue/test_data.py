"""The catalogue's files: each entry is valid, complete and plausible, whatever day it is."""

import re
from decimal import Decimal
from importlib import resources
from typing import Any

import pytest

from services.chat.api.schemas import ModelId
from shared.catalogue import Model, models
from shared.catalogue.areas import AREAS
from shared.catalogue.capabilities import LEVELS
from shared.catalogue.data import _combined, _of_family, _read, catalogue_data
from shared.events.data import ModelId as EventModelId

MODELS = catalogue_data().models
BEDROCK = [model for model in MODELS if model.source == "bedrock"]
BY_ID = {model.id: model for model in MODELS}
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)


def test_every_file_is_in_the_index() -> None:
    stems = [file.name.removesuffix(".json") for file in resources.files(models).iterdir() if ".json" in file.name]
    assert sorted(_read("index")["files"]) == sorted(set(stems) - {"index"})


def test_the_date_of_the_price_list_is_its_version() -> None:
    assert catalogue_data().priced_on.isoformat() == catalogue_data().price_version


def test_ids_and_names_are_unique() -> None:
    """A repeated id would silently hide a model."""
    for values in ([model.id for model in MODELS], [model.name for model in MODELS]):
        assert len(values) == len(set(values))


@every_model
def test_an_id_fits_the_patterns_of_requests_and_events(model: Model) -> None:
    for annotated in (ModelId, EventModelId):
        (constraints,) = annotated.__metadata__
        assert re.search(constraints.pattern, model.id)


@every_model
def test_prices_are_plausible(model: Model) -> None:
    prices = model.prices
    for rates in (prices, *prices.areas.values()):
        assert Decimal(0) <= rates.cache_read <= rates.input <= rates.output <= Decimal(100)
        assert Decimal(0) <= rates.cache_write <= rates.cache_write_1h
        assert rates.cache_write <= rates.input * 2
    if model.source in {"local", "gguf", "openai"}:
        assert (prices.input, prices.output, prices.cache_read, prices.cache_write) == (0, 0, 0, 0)
    else:
        assert prices.input > 0


@every_model
def test_areas_with_prices_of_their_own_have_a_profile(model: Model) -> None:
    assert set(model.prices.areas) <= {*model.inference_profiles, "region"}


@every_model
def test_limits_are_plausible(model: Model) -> None:
    assert 1000 <= model.limits.context_tokens <= 10_000_000
    assert 256 <= model.limits.output_tokens <= 200_000
    assert model.limits.least_output_tokens <= 16


@every_model
def test_a_model_with_a_budget_of_thinking_has_enough_output_tokens(model: Model) -> None:
    thinking = model.capabilities.thinking
    assert (thinking.mode == "budget") == (thinking.budget_field is not None)
    if thinking.budget_field:
        assert model.limits.output_tokens >= 1024 + 1024


@every_model
def test_efforts_are_in_order_with_the_default_among_them(model: Model) -> None:
    efforts = model.capabilities.thinking.efforts
    assert list(efforts) == sorted(efforts, key=LEVELS.index)
    assert model.capabilities.thinking.default_effort in {None, *efforts}


@every_model
def test_temperature_and_top_p_are_within_the_range_of_converse(model: Model) -> None:
    """InferenceConfiguration of the Bedrock Runtime: both from 0 to 1, for every model."""
    sampling = model.capabilities.sampling
    assert {sampling[name].most for name in ("temperature", "top_p") if name in sampling} <= {1}


@every_model
def test_a_model_with_cache_points_says_where_and_from_how_many_tokens(model: Model) -> None:
    caching = model.capabilities.caching
    if model.source == "bedrock" and caching and caching.sections:
        assert 1 <= caching.most_points <= 4
        assert 512 <= caching.least_tokens <= 4096
        assert "5m" in caching.ttls


@every_model
def test_inference_profiles_are_those_of_bedrock(model: Model) -> None:
    assert set(model.inference_profiles) <= set(AREAS) - {"region"}
    assert model.source == "bedrock" or not model.inference_profiles
    assert re.fullmatch(r"[a-z0-9]+\.[a-z0-9.:-]+", model.bedrock_id)


@every_model
def test_a_scripted_or_toy_model_has_a_notice(model: Model) -> None:
    notice = {"scripted": "scripted_model", "local": "toy_model"}.get(model.source)
    assert model.notice == notice


@every_model
def test_a_model_is_legacy_before_it_ends(model: Model) -> None:
    if model.ends_on:
        assert model.legacy_on
        assert model.legacy_on < model.ends_on


def test_bedrock_counts_tokens_for_claude_up_to_4_6_alone() -> None:
    """As of November 2026, on the Bedrock Runtime; counting for other models is refused."""
    counting = {model.id for model in BEDROCK if model.capabilities.token_counting}
    assert {"claude-opus-4-6", "claude-sonnet-4-6", "claude-haiku-4-5"} <= counting
    assert all(model_id.startswith("claude-") for model_id in counting)
    assert "claude-opus-4-7" not in counting


@pytest.mark.parametrize(
    ("model_id", "group", "field", "expected"),
    [
        ("nova-2-lite", "caching", "sections", {"system", "messages"}),
        ("claude-opus-5-5", "caching", "sections", {"tools", "system", "messages"}),
        ("claude-opus-5-5", "caching", "least_tokens", 512),
        ("claude-opus-5-5", "caching", "ttls", ("5m", "1h")),
        ("claude-haiku-4-5", "caching", "least_tokens", 4096),
        ("claude-opus-5-5", "thinking", "bound", True),
        ("claude-opus-4-8", "thinking", "bound", False),
        ("gpt-6-luna", "thinking", "silent", True),
        ("gpt-6-luna", "caching", "sections", set()),
    ],
)
def test_facts_of_november_2026_that_other_code_relies_on(
    model_id: str, group: str, field: str, expected: object
) -> None:
    assert getattr(getattr(BY_ID[model_id].capabilities, group), field) == expected


def test_no_llama_calls_tools_in_a_stream() -> None:
    assert not any(model.capabilities.tools for model in BEDROCK if model.provider == "Meta")


def test_gpt_takes_no_images_in_tool_results() -> None:
    images = BY_ID["gpt-6-luna"].capabilities.modalities.images
    assert images
    assert not images.in_tool_results


FAMILIES: dict[str, Any] = {
    "base": {"prefill": True, "thinking": {"mode": "adaptive", "replayed": True}},
    "images": {"modalities": {"images": 1}},
    "later": {"extends": ["images", "base"], "prefill": False, "thinking": {"mode": "always"}},
}


def test_a_family_extends_others_group_by_group() -> None:
    assert _of_family("later", FAMILIES) == {
        "modalities": {"images": 1},
        "prefill": False,
        "thinking": {"mode": "always", "replayed": True},
    }


def test_sampling_is_replaced_and_a_group_can_be_removed() -> None:
    base = {"sampling": {"top_k": 1}, "caching": {"ttls": []}}
    assert _combined(base, {"sampling": {}, "caching": None}) == {"sampling": {}, "caching": None}


def test_an_unknown_family_is_refused() -> None:
    with pytest.raises(KeyError):
        _of_family("never", FAMILIES)
