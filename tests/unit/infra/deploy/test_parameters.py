"""Overrides in CloudFormation's words, and refused before anything is made."""

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
    ("name", "value", "words"),
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
def test_a_wish_is_written_as_cloudformation_reads_it(name: str, value: object, words: str) -> None:
    assert as_text(name, value) == words  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "values", [{}, {"Canary": "Linear"}, {"ProtectData": "false", "TopK": "500", "Days": "3", "Store": "anything"}]
)
def test_what_the_templates_take_is_taken(values: dict[str, str]) -> None:
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
def test_what_they_do_not_take_is_refused_with_what_they_do(values: dict[str, str], problem: str) -> None:
    with pytest.raises(InvalidParameterError, match=problem):
        check(values, [CHAT, BOTS])


def test_each_template_gets_what_it_declares() -> None:
    assert declared_only(BOTS, {"Environment": "prod", "Canary": "Linear"}) == {"Environment": "prod"}


def test_the_same_again_is_the_same_release() -> None:
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
    ids=["other code", "another wish", "another platform"],
)
def test_anything_else_is_another_release(
    template: Template, parameters: dict[str, str], platform: dict[str, str]
) -> None:
    release = with_release(CHAT, {"TopK": "1"}, {"Bus": "b"})["Release"]
    assert with_release(template, parameters, platform)["Release"] != release


def test_a_release_that_was_wished_for_stays_and_none_is_made_where_none_is_declared() -> None:
    assert with_release(CHAT, {"Release": "7"}, {})["Release"] == "7"
    assert with_release(BOTS, {}, {}) == {}
