"""Options of bedrock-chat: each is converted to an option of Colloquy, or refused with a remark."""

import json
from typing import Any

import pytest

from infra.deploy.bedrock_chat import OPTIONS, convert_overrides
from infra.deploy.config import DeployConfig
from infra.deploy.deployment import ALL
from infra.deploy.parameters import InvalidParameterError
from infra.deploy.templates import load

PARAMETERS = {name for stack in ALL for name in load(stack)["Parameters"]}
ELSEWHERE = {"ENV=…", "firewall", "logo", "(none)"}


@pytest.mark.parametrize("old", OPTIONS)
def test_every_old_option_maps_to_an_existing_parameter(old: str) -> None:
    for name in OPTIONS[old].now.split(", "):
        assert name in PARAMETERS | ELSEWHERE


@pytest.mark.parametrize("old", [name for name, option in OPTIONS.items() if option.convert is None])
def test_an_option_that_cannot_be_converted_is_refused_with_its_remark(old: str) -> None:
    with pytest.raises(InvalidParameterError, match=old) as refused:
        convert_overrides(json.dumps({"context": {old: "any"}}))
    assert OPTIONS[old].remark in str(refused.value)


@pytest.mark.parametrize(
    ("old", "value", "fields"),
    [
        ("bedrockRegion", "us-west-2", {"parameters": {"BedrockRegion": "us-west-2"}}),
        ("enableBotStore", False, {"parameters": {"BotStore": "off"}}),
        ("enableBotStore", True, {"parameters": {"BotStore": "on"}}),
        ("enableFrontendWaf", False, {"firewall": False}),
        ("logoPath", "logo.svg", {"logo": "logo.svg"}),
        ("logoPath", "", {"logo": None}),
        ("allowedIpV4AddressRanges", ["10.0.0.0/8"], {"parameters": {"AllowedIpV4AddressRanges": ["10.0.0.0/8"]}}),
        ("tokenValidMinutes", 60, {"parameters": {"IdTokenMinutes": 60}}),
        (
            "identityProviders",
            [{"service": "google", "secretName": "g"}, {"service": "oidc", "serviceName": "Corp", "secretName": "o"}],
            {"parameters": {"GoogleSecretName": "g", "OidcSecretName": "o", "OidcProviderName": "Corp"}},
        ),
    ],
)
def test_an_option_is_converted(old: str, value: Any, fields: dict[str, Any]) -> None:
    assert convert_overrides(json.dumps({"context": {old: value}})) == fields
    DeployConfig.model_validate(fields)


def test_options_are_converted_with_or_without_a_context_object() -> None:
    options = {"selfSignUpEnabled": False, "enableRagReplicas": False, "enableFrontendWaf": False}
    expected = {"parameters": {"SelfSignUp": False, "RagReplicas": False}, "firewall": False}
    assert convert_overrides(json.dumps(options)) == convert_overrides(json.dumps({"context": options})) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "must be a JSON object"),
        ("[1]", "must be a JSON object"),
        ('{"enableEverything": true}', "unknown option enableEverything"),
        ('{"identityProviders": [{"service": "saml", "secretName": "s"}]}', "'saml' is neither google nor oidc"),
    ],
)
def test_invalid_overrides_are_refused(text: str, problem: str) -> None:
    with pytest.raises(InvalidParameterError, match=problem):
        convert_overrides(text)
