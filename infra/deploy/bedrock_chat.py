"""The deploy options of Bedrock Chat by their old names, and what replaces each of them here.

docs/deploy-options.md shows this table; a test compares the two.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from infra.deploy.parameters import InvalidParameterError, ParameterValue

ConfigTable = Mapping[str, Any]
"""The fields of one environment's table in deploy.toml."""


@dataclass(frozen=True)
class Option:
    """`now`: the new name. `convert` is None if a person must decide; `remark` then says what to do."""

    now: str
    convert: Callable[[Any], ConfigTable] | None
    remark: str = ""


def _same(parameter: str) -> Option:
    return Option(parameter, lambda value: {"parameters": {parameter: value}})


def _switch(parameter: str, on: str, off: str) -> Option:
    return Option(parameter, lambda value: {"parameters": {parameter: on if value else off}})


def _manual(now: str, remark: str) -> Option:
    return Option(now, None, remark)


def _providers(value: list[Mapping[str, str]]) -> ConfigTable:
    found: dict[str, ParameterValue] = {}
    for each in value:
        if each["service"] == "google":
            found["GoogleSecretName"] = each["secretName"]
        elif each["service"] == "oidc":
            found |= {"OidcSecretName": each["secretName"], "OidcProviderName": each.get("serviceName", "OIDC")}
        else:
            raise InvalidParameterError(f"identityProviders: {each['service']!r} is neither google nor oidc")
    return {"parameters": found}


_MODELS: Final = "model names have changed: use the ids of `GET /api/chat/models` in deploy.toml"
OPTIONS: Final[Mapping[str, Option]] = {
    "envName": _manual("ENV=…", "the environment's name is given to `make deploy`, not in its file"),
    "envPrefix": _manual("ENV=…", "every stack and every name carries the environment's name"),
    "bedrockRegion": _same("BedrockRegion"),
    "enableBedrockGlobalInference": _same("GlobalInference"),
    "enableBedrockCrossRegionInference": _same("CrossRegionInference"),
    "enableFrontendWaf": Option("firewall", lambda value: {"firewall": value}),
    "enableFrontendIpv6": _same("EnableIpv6"),
    "allowedIpV4AddressRanges": _same("AllowedIpV4AddressRanges"),
    "allowedIpV6AddressRanges": _same("AllowedIpV6AddressRanges"),
    "publishedApiAllowedIpV4AddressRanges": _same("PublishedApiAllowedIpV4AddressRanges"),
    "publishedApiAllowedIpV6AddressRanges": _same("PublishedApiAllowedIpV6AddressRanges"),
    "allowedCountries": _same("AllowedCountries"),
    "identityProviders": Option("GoogleSecretName, OidcSecretName, OidcProviderName", _providers),
    "userPoolDomainPrefix": _same("UserPoolDomainPrefix"),
    "allowedSignUpEmailDomains": _same("AllowedSignUpEmailDomains"),
    "autoJoinUserGroups": _same("AutoJoinUserGroups"),
    "selfSignUpEnabled": _same("SelfSignUp"),
    "enableRagReplicas": _same("RagReplicas"),
    "enableLambdaSnapStart": _same("SnapStart"),
    "alternateDomainName": _same("AlternateDomainName"),
    "hostedZoneId": _same("HostedZoneId"),
    "enableBotStore": _switch("BotStore", "on", "off"),
    "enableBotStoreReplicas": _same("BotStoreReplicas"),
    "botStoreLanguage": _same("BotStoreLanguage"),
    "tokenValidMinutes": _same("IdTokenMinutes"),
    "globalAvailableModels": _manual("AllowedModels", _MODELS),
    "defaultModel": _manual("DefaultModel", _MODELS),
    "titleModel": _manual("TitleModel", _MODELS),
    "logoPath": Option("logo", lambda value: {"logo": value or None}),
    "devAccessIamRoleArn": _manual("(none)", "only functions may read a collection; to try things, use `make up`"),
    "enableMistral": _manual("AllowedModels", "list Mistral's models, and no others are offered"),
}


def convert_overrides(overrides: str) -> ConfigTable:
    """Convert the value of `--cdk-json-override` to a table of deploy.toml. Raises InvalidParameterError."""
    try:
        parsed = json.loads(overrides)
        context = parsed.get("context", parsed)
        pairs = list(context.items())
    except (ValueError, AttributeError) as unreadable:
        raise InvalidParameterError("--cdk-json-override: must be a JSON object") from unreadable
    return merge(_each(pairs))


def _each(pairs: list[tuple[str, Any]]) -> Iterator[ConfigTable]:
    for name, value in pairs:
        option = OPTIONS.get(name)
        if option is None:
            raise InvalidParameterError(f"--cdk-json-override: unknown option {name}")
        if option.convert is None:
            raise InvalidParameterError(f"--cdk-json-override: {name}: {option.remark} ({option.now})")
        yield option.convert(value)


def merge(tables: Iterator[ConfigTable]) -> ConfigTable:
    """Merge tables: a later value replaces an earlier one, parameters are merged one by one."""
    found: dict[str, Any] = {}
    for table in tables:
        parameters = {**found.get("parameters", {}), **table.get("parameters", {})}
        found |= {**table, **({"parameters": parameters} if parameters else {})}
    return found
