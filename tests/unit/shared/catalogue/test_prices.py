"""Costs in nano-dollars: exact, rounded once, by area, size of the context, life of cache writes, and tier."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.catalogue import Prices, Usage
from shared.catalogue.areas import AREAS
from shared.catalogue.data import catalogue_data

MODELS = catalogue_data().models
BY_ID = {model.id: model for model in MODELS}
MILLION = 1_000_000
USD = 10**9
TOKENS = st.integers(0, 10**9)
USAGES = st.builds(
    Usage,
    input_tokens=TOKENS,
    output_tokens=TOKENS,
    cache_read_tokens=TOKENS,
    cache_write_tokens=TOKENS,
    cache_write_1h_tokens=TOKENS,
)


def usd(model_id: str, *, millions: float = 1, **how: Any) -> float:
    """The price of so many million tokens of input in dollars."""
    usage = Usage(input_tokens=round(millions * MILLION))
    return BY_ID[model_id].cost_nano_usd(usage, context_tokens=how.pop("context_tokens", 1), **how) / USD


@given(st.sampled_from(MODELS), USAGES)
def test_a_cost_is_exact_and_rounded_half_to_even_once(model: Any, usage: Usage) -> None:
    prices, hour = model.prices, min(usage.cache_write_1h_tokens, usage.cache_write_tokens)
    exact = 1000 * (
        usage.input_tokens * Fraction(prices.input) + usage.output_tokens * Fraction(prices.output)
        + usage.cache_read_tokens * Fraction(prices.cache_read) + hour * Fraction(prices.cache_write_1h)
        + (usage.cache_write_tokens - hour) * Fraction(prices.cache_write)
    )  # fmt: skip
    assert model.cost_nano_usd(usage, context_tokens=0) == round(exact)  # Python rounds a Fraction half to even, too


@pytest.mark.parametrize(("tokens", "cost"), [(1, 0), (3, 2), (5, 2), (7, 4)])
def test_half_a_nano_dollar_is_rounded_to_even(tokens: int, cost: int) -> None:
    halves = Prices.model_validate({"input": "0.0005", "output": "0"})
    assert halves.cost_nano_usd(Usage(input_tokens=tokens)) == cost


def test_the_cost_of_a_million_tokens_by_usage_alone() -> None:
    usage = Usage(input_tokens=MILLION, output_tokens=MILLION)
    assert BY_ID["claude-opus-4-7"].cost_nano_usd(usage) == 30 * USD


@given(st.sampled_from(MODELS), TOKENS, TOKENS)
def test_more_tokens_never_cost_less(model: Any, tokens: int, more: int) -> None:
    for kind in ("input_tokens", "output_tokens", "cache_read_tokens"):
        fewer, all_of_them = Usage(**{kind: tokens}), Usage(**{kind: tokens + more})
        assert model.cost_nano_usd(fewer) <= model.cost_nano_usd(all_of_them)


@pytest.mark.parametrize(
    ("model_id", "area", "price"),
    [
        ("claude-opus-5-5", None, 4),
        ("claude-opus-5-5", "global", 4),
        ("claude-opus-5-5", "eu", 4.4),
        ("claude-opus-5-5", "region", 4.4),
        ("nova-2-lite", "global", 0.3),
        ("nova-2-lite", "us", 0.33),
        ("nova-2-lite", "eu", 0.429),
        ("nova-2-lite", "jp", 0.396),
        ("nova-pro", "us", 0.8),
        ("nova-pro", "eu", 1.05),
        ("claude-opus-4-1", "us", 15),
    ],
)
def test_an_area_has_its_own_price(model_id: str, area: Any, price: float) -> None:
    assert usd(model_id, area=area) == price


@pytest.mark.parametrize(
    ("model_id", "context_tokens", "price"),
    [
        ("claude-haiku-5-5", 100_000, 0.10),
        ("claude-haiku-5-5", 100_001, 0.50),
        ("gpt-6-sol", 272_000, 2),
        ("gpt-6-sol", 272_001, 4),
        ("claude-opus-5-5", 900_000, 4),
    ],
)
def test_a_long_context_costs_more_for_all_of_it(model_id: str, context_tokens: int, price: float) -> None:
    assert usd(model_id, context_tokens=context_tokens) == price


def test_output_has_its_own_factor_in_a_long_context() -> None:
    usage = Usage(output_tokens=MILLION)
    assert BY_ID["gpt-6-sol"].cost_nano_usd(usage, context_tokens=300_000) == 15 * USD


def test_the_context_of_a_call_is_its_input_with_cached_tokens() -> None:
    usage = Usage(input_tokens=1, cache_read_tokens=60_000, cache_write_tokens=40_000)
    cost = BY_ID["claude-haiku-5-5"].cost_nano_usd(usage)
    assert cost == 5 * (1 * 100 + 60_000 * 10 + 40_000 * 125)


def test_writes_for_an_hour_cost_more_than_those_for_five_minutes() -> None:
    usage = Usage(cache_write_tokens=3 * MILLION, cache_write_1h_tokens=MILLION)
    assert BY_ID["claude-opus-5-5"].cost_nano_usd(usage, context_tokens=0) == (2 * 5 + 8) * USD


def test_a_usage_that_was_stored_before_has_no_writes_for_an_hour() -> None:
    stored = {"input_tokens": 1, "output_tokens": 2, "cache_read_tokens": 3, "cache_write_tokens": 4}
    assert Usage.model_validate(stored).cache_write_1h_tokens == 0


@pytest.mark.parametrize(("tier", "price"), [("default", 0.3), ("priority", 0.525), ("flex", 0.15), ("reserved", 0.3)])
def test_a_tier_has_a_factor(tier: Any, price: float) -> None:
    assert usd("nova-2-lite", tier=tier) == price


def test_the_factors_of_tier_and_area_are_multiplied() -> None:
    assert usd("grok-4.7", tier="priority", area="us") == 3.85  # 2 * 1.1 * 1.75


@pytest.mark.parametrize("area", AREAS)
def test_no_area_is_cheaper_than_the_global_profile(area: Any) -> None:
    usage = Usage(input_tokens=MILLION, output_tokens=MILLION)
    assert all(model.cost_nano_usd(usage, area=area) >= model.cost_nano_usd(usage) for model in MODELS)


def test_cached_tokens_cost_what_input_costs_where_nothing_is_said() -> None:
    prices = Prices.model_validate({"input": "2", "output": "3"})
    assert (prices.cache_read, prices.cache_write, prices.cache_write_1h) == (2, 2, 2)
    cached = Prices.model_validate({"input": "2", "output": "3", "cache_write": "2.5"})
    assert cached.cache_write_1h == Decimal("2.5")


@pytest.mark.parametrize(
    "given_prices", [{"output": "3"}, {"input": "1"}, {"input": "1", "output": "2", "reed": "1"}, []]
)
def test_incomplete_or_misspelt_prices_are_refused(given_prices: Any) -> None:
    with pytest.raises(ValidationError):
        Prices.model_validate(given_prices)
