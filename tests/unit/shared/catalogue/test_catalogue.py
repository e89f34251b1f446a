"""The catalogue of models: valid entries, offered where served and allowed, exact costs in nano-dollars."""

import re
from decimal import Decimal
from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chat.api.schemas import ModelId
from shared.catalogue import Capabilities, Catalogue, Model, Source, UnknownModelError, Usage
from shared.events.data import ModelId as EventModelId

SOURCES: tuple[Source, ...] = get_args(Source)
AREAS = {"global", "us", "eu", "apac", "jp", "au"}
WHOLE = Catalogue.offered(SOURCES)
MODELS = list(WHOLE)
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)


def test_ids_and_names_are_unique() -> None:
    """A repeated id would silently hide a model."""
    from shared.catalogue.offer import _data  # noqa: PLC0415 - the file itself, before ids become keys

    ids = [model.id for model in _data().models]
    assert len(ids) == len(set(ids)) == len(MODELS)
    names = [model.name for model in MODELS]
    assert len(names) == len(set(names))


@every_model
def test_an_id_fits_the_patterns_of_requests_and_events(model: Model) -> None:
    for annotated in (ModelId, EventModelId):
        (constraints,) = annotated.__metadata__
        assert re.search(constraints.pattern, model.id)


@every_model
def test_prices_are_plausible(model: Model) -> None:
    prices = dict(model.prices)
    assert all(Decimal(0) <= price <= Decimal(100) for price in prices.values())
    assert prices["input"] <= prices["output"]
    assert prices["cache_read"] <= prices["input"]
    if model.source in {"local", "gguf", "openai"}:
        assert set(prices.values()) == {Decimal(0)}
    else:
        assert prices["input"] > 0


@every_model
def test_limits_are_plausible(model: Model) -> None:
    assert 1000 <= model.limits.context_tokens <= 2_000_000
    assert 256 <= model.limits.output_tokens <= 200_000


@every_model
def test_a_model_with_a_reasoning_budget_has_enough_output_tokens(model: Model) -> None:
    if model.capabilities.reasoning == "budget":
        assert model.limits.output_tokens >= 1024 + 1024


def test_only_claude_models_up_to_4_6_have_token_counting_on_bedrock() -> None:
    """As of November 2026, on the Bedrock Runtime; counting for other models is refused."""
    counting = {model.id for model in MODELS if model.source == "bedrock" and model.capabilities.token_counting}
    assert {"claude-opus-4-6", "claude-sonnet-4-6", "claude-haiku-4-5"} <= counting
    assert all(model_id.startswith("claude-") for model_id in counting)
    assert "claude-opus-4-7" not in counting


def test_token_counting_is_false_by_default() -> None:
    fields = {name: value for name, value in MODELS[0].capabilities if name != "token_counting"}
    assert Capabilities.model_validate(fields).token_counting is False


@every_model
def test_inference_profiles_are_those_of_bedrock(model: Model) -> None:
    assert set(model.inference_profiles) <= AREAS
    assert model.source == "bedrock" or not model.inference_profiles
    assert re.fullmatch(r"[a-z0-9]+\.[a-z0-9.:-]+", model.bedrock_id)


@every_model
def test_a_scripted_or_toy_model_has_a_notice(model: Model) -> None:
    notice = {"scripted": "scripted_model", "local": "toy_model"}.get(model.source)
    assert model.notice == notice


@pytest.mark.parametrize("source", SOURCES)
def test_the_offered_models_are_those_of_the_served_source(source: Source) -> None:
    offered = Catalogue.offered((source,))
    assert [model.source for model in offered] == [source] * len(list(offered))
    assert list(offered)


def test_an_empty_allow_list_allows_all() -> None:
    assert [model.id for model in Catalogue.offered(("scripted",), ())] == [
        model.id for model in MODELS if model.source == "scripted"
    ]


def test_an_allow_list_keeps_the_order_of_the_catalogue() -> None:
    offered = Catalogue.offered(("scripted",), ("scripted.fast", "scripted.echo"))
    assert [model.id for model in offered] == ["scripted.echo", "scripted.fast"]
    assert "scripted.slow" not in offered
    with pytest.raises(UnknownModelError):
        offered.get("scripted.slow")


def test_a_typo_in_the_allow_list_is_refused() -> None:
    with pytest.raises(UnknownModelError, match="claude-opus-47"):
        Catalogue.offered(("bedrock",), ("claude-opus-4-7", "claude-opus-47"))


def test_an_allowed_model_of_another_source_is_not_offered() -> None:
    assert list(Catalogue.offered(("scripted",), ("claude-opus-4-7",))) == []


def test_a_model_that_is_not_offered_still_has_its_price() -> None:
    narrow = Catalogue.offered(("scripted",), ("scripted.echo",))
    assert narrow.priced("claude-opus-4-7") == WHOLE.get("claude-opus-4-7")
    with pytest.raises(UnknownModelError):
        narrow.priced("never.was")


@pytest.mark.parametrize(
    ("region", "ids"),
    [
        ("us-east-1", ["global.", "us.", ""]),
        ("us-west-2", ["global.", "us.", ""]),
        ("eu-central-1", ["global.", "eu.", ""]),
        ("ap-northeast-1", ["global.", "jp.", ""]),
        ("ap-northeast-3", ["global.", "jp.", ""]),
        ("ap-southeast-2", ["global.", "au.", ""]),
        ("ap-southeast-4", ["global.", "au.", ""]),
        ("ap-northeast-2", ["global.", ""]),
        ("ap-south-1", ["global.", ""]),
        ("sa-east-1", ["global.", ""]),
    ],
)
def test_each_region_uses_its_nearest_profile_first(region: str, ids: list[str]) -> None:
    model = WHOLE.get("claude-sonnet-4-6")
    candidates = model.invocation_ids(region, global_profiles=True, regional_profiles=True)
    assert list(candidates) == [f"{prefix}{model.bedrock_id}" for prefix in ids]


def test_regions_of_asia_pacific_use_the_apac_profile() -> None:
    model = WHOLE.get("nova-pro")
    for region in ("ap-northeast-1", "ap-southeast-2", "ap-northeast-2"):
        assert model.invocation_ids(region, global_profiles=True, regional_profiles=True)[0].startswith("apac.")


def test_profiles_are_used_only_if_the_deployment_enables_them() -> None:
    model = WHOLE.get("claude-sonnet-4-6")
    assert model.invocation_ids("us-east-1", global_profiles=False, regional_profiles=True) == (
        f"us.{model.bedrock_id}",
        model.bedrock_id,
    )
    assert model.invocation_ids("us-east-1", global_profiles=False, regional_profiles=False) == (model.bedrock_id,)


@every_model
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-3", "ap-northeast-2", "me-central-1"])
def test_the_last_candidate_is_the_model_without_a_profile(model: Model, region: str) -> None:
    ids = model.invocation_ids(region, global_profiles=True, regional_profiles=True)
    assert ids[-1] == model.bedrock_id
    assert len(ids) == len(set(ids))


TOKENS = st.integers(0, 10**9)


@given(st.sampled_from(MODELS), TOKENS, TOKENS, TOKENS, TOKENS)
def test_a_cost_is_exact_and_rounded_half_to_even_once(model: Model, i: int, o: int, r: int, w: int) -> None:
    prices = model.prices
    exact = 1000 * (
        i * Fraction(prices.input) + o * Fraction(prices.output) + r * Fraction(prices.cache_read)
        + w * Fraction(prices.cache_write)
    )  # fmt: skip
    usage = Usage(input_tokens=i, output_tokens=o, cache_read_tokens=r, cache_write_tokens=w)
    assert model.cost_nano_usd(usage) == round(exact)  # Python rounds a Fraction half to even, too


@pytest.mark.parametrize(("tokens", "cost"), [(1, 0), (3, 2), (5, 2), (7, 4)])
def test_half_a_nano_dollar_is_rounded_to_even(tokens: int, cost: int) -> None:
    halves = {"input": "0.0005", "output": "0", "cache_read": "0", "cache_write": "0"}
    model = Model.model_validate(MODELS[0].model_dump() | {"prices": halves})
    assert model.cost_nano_usd(Usage(input_tokens=tokens)) == cost


def test_the_cost_of_a_million_tokens() -> None:
    usage = Usage(input_tokens=1_000_000, output_tokens=1_000_000)
    assert WHOLE.get("claude-opus-4-7").cost_nano_usd(usage) == 30 * 10**9


@given(st.sampled_from(MODELS), TOKENS, TOKENS)
def test_more_tokens_never_cost_less(model: Model, tokens: int, more: int) -> None:
    assert model.cost_nano_usd(Usage(output_tokens=tokens)) <= model.cost_nano_usd(Usage(output_tokens=tokens + more))
