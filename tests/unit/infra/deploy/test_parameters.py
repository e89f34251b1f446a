"""Parameters: conversion to CloudFormation's text, and checks before anything is deployed."""

import pytest

from infra.deploy.parameters import InvalidParameterError, as_text, check, declared_only, with_release
from infra.deploy.templates import Template

CHAT = Template(
    "chat",
    "body",
    {
        "Environment": {"Type": "String", "AllowedPattern": "[a-z]+"},
        "Canary": {"Type": "String", "AllowedValues": ["AllAtOnce", "Linear"]},
        "ProtectData": {"Type": "String", "AllowedValues": ["true", "false"]},
        "TopK": {"Type": "Number", "MinValue": 1, "MaxValue": 500},
        "Days": {"Type": "Number", "AllowedValues": [1, 3]},
        "Release": {"Type": "String"},
    },
)
BOTS = Template("bots", "body", {"Environment": {"Type": "String"}, "Store": {"Type": "String"}})


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("ProtectData", False, "false"),
        ("ProtectData", True, "true"),
        ("TopK", 250, "250"),
        ("TopP", 0.999, "0.999"),
        ("AllowedCountries", ["JP", "US"], "JP,US"),
        ("AllowedCountries", [], ""),
        ("DefaultStopSequences", ["Human: ", "a, b"], '["Human: ", "a, b"]'),
    ],
)
def test_a_value_is_converted_to_cloudformations_text(name: str, value: object, text: str) -> None:
    assert as_text(name, value) == text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "values", [{}, {"Canary": "Linear"}, {"ProtectData": "false", "TopK": "500", "Days": "3", "Store": "anything"}]
)
def test_valid_parameters_are_accepted(values: dict[str, str]) -> None:
    check(values, [CHAT, BOTS])


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"Canarry": "Linear"}, "no template has a parameter Canarry; did you mean Canary"),
        ({"Zzz": "1"}, "no template has a parameter Zzz$"),
        ({"Canary": "Sometimes"}, "Canary: 'Sometimes' is none of AllAtOnce, Linear"),
        ({"Environment": "Prod"}, "Environment: 'Prod' is not of the form"),
        ({"TopK": "many"}, "TopK: 'many' is not a number"),
        ({"TopK": "0"}, "TopK: '0' is less than 1"),
        ({"TopK": "501"}, "TopK: '501' is more than 500"),
        ({"Days": "2"}, "Days: '2' is none of 1, 3"),
    ],
)
def test_an_invalid_parameter_is_refused_with_the_allowed_values(values: dict[str, str], problem: str) -> None:
    with pytest.raises(InvalidParameterError, match=problem):
        check(values, [CHAT, BOTS])


def test_each_template_gets_the_parameters_that_it_declares() -> None:
    assert declared_only(BOTS, {"Environment": "prod", "Canary": "Linear"}) == {"Environment": "prod"}


def test_equal_templates_and_parameters_have_the_same_release() -> None:
    first = with_release(CHAT, {"TopK": "1"}, {"Bus": "b"})
    assert first == with_release(CHAT, {"TopK": "1"}, {"Bus": "b"})
    assert first["TopK"] == "1"


@pytest.mark.parametrize(
    ("template", "parameters", "platform"),
    [
        (Template("chat", "other body", CHAT.parameters), {"TopK": "1"}, {"Bus": "b"}),
        (CHAT, {"TopK": "2"}, {"Bus": "b"}),
        (CHAT, {"TopK": "1"}, {"Bus": "other"}),
    ],
    ids=["other code", "another parameter", "another platform"],
)
def test_any_difference_gives_another_release(
    template: Template, parameters: dict[str, str], platform: dict[str, str]
) -> None:
    release = with_release(CHAT, {"TopK": "1"}, {"Bus": "b"})["Release"]
    assert with_release(template, parameters, platform)["Release"] != release


def test_a_given_release_is_kept_and_a_template_without_the_parameter_gets_none() -> None:
    assert with_release(CHAT, {"Release": "7"}, {})["Release"] == "7"
    assert with_release(BOTS, {}, {}) == {}
