"""Attribute values: conversion to and from plain data; whole numbers only; None is left out."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.aws import from_item, from_value, to_item, to_value

NAMES = st.text(max_size=3)
SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.text(max_size=9),
    st.binary(max_size=9),
    st.frozensets(NAMES, min_size=1, max_size=3),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner | st.none(), max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


@given(VALUES)
def test_a_value_is_converted_and_back_unchanged(value: object) -> None:
    assert from_value(to_value(value)) == value


@given(st.dictionaries(NAMES, VALUES, max_size=3))
@settings(max_examples=50)
def test_an_item_is_converted_and_back_unchanged(data: dict[str, object]) -> None:
    assert from_item(to_item(data)) == data


@given(VALUES)
def test_every_value_has_one_attribute_type(value: object) -> None:
    ((kind, _),) = to_value(value).items()
    assert kind in {"BOOL", "S", "N", "B", "L", "M", "SS"}


@pytest.mark.parametrize(
    ("value", "attribute"),
    [
        (True, {"BOOL": True}),
        (1, {"N": "1"}),
        (0, {"N": "0"}),
        ("", {"S": ""}),
        (None, {"NULL": True}),
        ((1, "a"), {"L": [{"N": "1"}, {"S": "a"}]}),
        ({"b", "a"}, {"SS": ["a", "b"]}),
        ({"n": None, "m": 1}, {"M": {"m": {"N": "1"}}}),
    ],
)
def test_each_type_has_its_attribute(value: object, attribute: dict[str, Any]) -> None:
    assert to_value(value) == attribute


def test_none_is_left_out_of_an_item() -> None:
    """A NULL attribute would satisfy `attribute_exists`."""
    assert to_item({"pk": "P", "deleted_at": None}) == {"pk": {"S": "P"}}


@pytest.mark.parametrize("value", [0.1, Decimal("0.1"), float("nan"), object(), [0.1], {"cost": 0.1}])
def test_a_fraction_or_an_unknown_type_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        to_value(value)


def test_true_is_not_read_as_one() -> None:
    assert from_value(to_value(True)) is True
    assert from_value(to_value(1)) is not True
