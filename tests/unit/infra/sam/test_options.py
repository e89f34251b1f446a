"""What can be wished for at a deployment, and where each wish arrives: resource, property, value."""

import re
from typing import Any, Final

import pytest

from tests.unit.infra.sam.templates import as_list, functions, resources, template

NOTHING: Final = {"Ref": "AWS::NoValue"}


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def when(condition: str, then: Any, otherwise: Any = NOTHING) -> dict[str, Any]:
    return {"Fn::If": [condition, then, otherwise]}


OPTIONS: Final[tuple[tuple[str, str, str, str, Any], ...]] = (
    ("platform", "IdTokenMinutes", "UserPoolClient", "IdTokenValidity", ref("IdTokenMinutes")),
    ("platform", "IdTokenMinutes", "UserPoolClient", "AccessTokenValidity", ref("IdTokenMinutes")),
    ("platform", "RefreshTokenDays", "UserPoolClient", "RefreshTokenValidity", ref("RefreshTokenDays")),
    ("platform", "UserPoolDomainPrefix", "UserPoolDomain", "Domain", ref("UserPoolDomainPrefix")),
    (
        "platform",
        "AppUrls",
        "UserPoolClient",
        "CallbackURLs",
        when("WithAppUrls", {"Fn::Split": [",", ref("AppUrls")]}),
    ),
    ("platform", "OidcProviderName", "Oidc", "ProviderName", ref("OidcProviderName")),
    ("platform", "AdminEmail", "Admin", "Username", ref("AdminEmail")),
    ("platform", "EventArchiveDays", "BusArchive", "RetentionDays", ref("EventArchiveDays")),
    ("platform", "KmsKeyArn", "ServicesSecret", "KmsKeyId", when("OwnKey", ref("KmsKeyArn"))),
    ("platform", "ProtectData", "UserPool", "DeletionProtection", when("Protected", "ACTIVE", "INACTIVE")),
    ("chat", "ProtectData", "MainTable", "DeletionProtectionEnabled", when("Protected", "true", "false")),
    ("chat", "LogRetentionDays", "TurnsLogs", "RetentionInDays", ref("LogRetentionDays")),
    ("chat", "Tracing", "Api", "TracingEnabled", when("WithXRay", "true", "false")),
    ("ingest", "RagReplicas", "Chunks", "StandbyReplicas", when("WithRagReplicas", "ENABLED", "DISABLED")),
    ("bots", "BotStoreReplicas", "Store", "StandbyReplicas", when("WithBotStoreReplicas", "ENABLED", "DISABLED")),
)


@pytest.mark.parametrize(("stack", "parameter", "resource", "name", "value"), OPTIONS)
def test_a_wish_arrives_at_its_property(stack: str, parameter: str, resource: str, name: str, value: Any) -> None:
    assert parameter in template(stack)["Parameters"]
    assert _plain(resources(stack)[resource]["Properties"][name]) == value


def _plain(value: Any) -> Any:
    """YAML's booleans as CloudFormation writes them."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return {key: _plain(each) for key, each in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize(
    ("stack", "condition", "made"),
    [
        ("platform", "WithDomain", {"UserPoolDomain"}),
        ("platform", "WithGoogle", {"Google"}),
        ("platform", "WithOidc", {"Oidc"}),
        ("platform", "WithAdmin", {"Admin", "AdminIsAdmin"}),
        ("platform", "WithSubscribers", {"BusSubscribers"}),
        ("bots", "WithBotStore", {"Store", "StoreEncryption", "StoreNetwork", "StoreAccess"}),
        ("chat", "BehindEdge", {"ApiBehindEdge"}),
    ],
)
def test_a_wish_makes_these_resources(stack: str, condition: str, made: set[str]) -> None:
    assert {name for name, each in resources(stack).items() if each.get("Condition") == condition} == made


@pytest.mark.parametrize(
    ("condition", "parameter"),
    [
        ("WithDomain", "UserPoolDomainPrefix"),
        ("WithGoogle", "GoogleSecretName"),
        ("WithOidc", "OidcSecretName"),
        ("WithAdmin", "AdminEmail"),
        ("WithSubscribers", "SubscriberAccounts"),
        ("OwnKey", "KmsKeyArn"),
        ("WithAlarmTopic", "AlarmTopicArn"),
    ],
)
def test_nothing_of_it_is_made_without_the_wish(condition: str, parameter: str) -> None:
    platform = template("platform")
    assert platform["Conditions"][condition] == {"Fn::Not": [{"Fn::Equals": [ref(parameter), ""]}]}
    assert platform["Parameters"][parameter]["Default"] == ""


def test_addresses_to_come_back_to_are_as_the_web_chat_says_its_own() -> None:
    allowed = re.compile(template("platform")["Parameters"]["AppUrls"]["AllowedPattern"])
    for right in ("", "https://chat.example.com", "https://chat.example.com,http://localhost:8080"):
        assert allowed.fullmatch(right)
    for wrong in ("https://chat.example.com/", "chat.example.com", "https://a.example, https://b.example"):
        assert not allowed.fullmatch(wrong)


def test_any_identity_provider_switches_self_sign_up_off() -> None:
    conditions = template("platform")["Conditions"]
    off, elsewhere = conditions["InvitedOnly"]["Fn::Or"]
    assert off == {"Fn::Equals": [ref("SelfSignUp"), "false"]}
    assert elsewhere == {"Condition": "WithProvider"}
    assert conditions["WithProvider"] == {"Fn::Or": [{"Condition": "WithGoogle"}, {"Condition": "WithOidc"}]}
    pool = resources("platform")["UserPool"]["Properties"]
    assert _plain(pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"]) == when("InvitedOnly", "true", "false")


@pytest.mark.parametrize(
    ("parameter", "function", "variable", "trigger"),
    [
        ("AllowedSignUpEmailDomains", "CheckSignUp", "ALLOWED_SIGN_UP_EMAIL_DOMAINS", "PreSignUp"),
        ("AutoJoinUserGroups", "JoinGroups", "AUTO_JOIN_USER_GROUPS", ["PostConfirmation", "PostAuthentication"]),
    ],
)
def test_who_may_sign_up_and_what_they_join_is_told_to_the_user_pools_functions(
    parameter: str, function: str, variable: str, trigger: Any
) -> None:
    properties = resources("platform")[function]["Properties"]
    assert properties["Environment"]["Variables"][variable] == ref(parameter)
    (event,) = properties["Events"].values()
    assert event["Properties"] == {"UserPool": ref("UserPool"), "Trigger": trigger}


def test_providers_read_their_client_from_the_named_secret() -> None:
    for provider, secret, fields in (
        ("Google", "GoogleSecretName", {"clientId", "clientSecret"}),
        ("Oidc", "OidcSecretName", {"clientId", "clientSecret", "issuer"}),
    ):
        details = str(resources("platform")[provider]["Properties"]["ProviderDetails"])
        for name in fields:
            assert f"{{{{resolve:secretsmanager:${{{secret}}}:SecretString:{name}}}}}" in details


def test_the_first_administrator_is_in_the_group_that_administers() -> None:
    joined = resources("platform")["AdminIsAdmin"]["Properties"]
    assert joined == {"UserPoolId": ref("UserPool"), "GroupName": ref("AdminGroup"), "Username": ref("Admin")}


def test_other_accounts_may_listen_by_rules_of_their_own_and_not_speak() -> None:
    statement = resources("platform")["BusSubscribers"]["Properties"]["Statement"]
    assert statement["Principal"] == {"AWS": {"Fn::Split": [",", ref("SubscriberAccounts")]}}
    assert "events:PutEvents" not in as_list(statement["Action"])
    assert statement["Condition"] == {
        "StringEqualsIfExists": {"events:creatorAccount": {"Fn::Sub": "${!aws:PrincipalAccount}"}}
    }


def test_the_store_of_bots_knows_these_languages_and_tells_its_functions() -> None:
    languages = ["en", "de", "fr", "es", "ja", "ko", "zhhans", "zhhant", "it", "nb", "th", "id", "ms"]
    assert template("bots")["Parameters"]["BotStoreLanguage"]["AllowedValues"] == languages
    for function in functions("bots").values():
        told = function["Environment"]["Variables"]
        assert told["COLLOQUY_BOT_STORE_LANGUAGE"] == ref("BotStoreLanguage")
        assert told["COLLOQUY_BOT_STORE_ENDPOINT"] == when(
            "WithBotStore", {"Fn::GetAtt": ["Store", "CollectionEndpoint"]}
        )


@pytest.mark.parametrize("service", ["chat", "bots", "ingest", "agents", "analytics"])
def test_another_release_publishes_every_function_anew_with_what_its_environment_is_then(service: str) -> None:
    for name, function in functions(service).items():
        assert function["VersionDescription"] == ref("Release"), name
        assert function["Environment"]["Variables"]["COLLOQUY_RELEASE"] == ref("Release")


@pytest.mark.parametrize("service", ["chat", "bots", "ingest", "agents", "analytics"])
def test_traces_go_to_x_ray_or_to_a_collector_as_wished(service: str) -> None:
    for function in functions(service).values():
        assert function["Tracing"] == when("WithXRay", "Active", "PassThrough")
        assert function["Environment"]["Variables"]["OTEL_EXPORTER_OTLP_ENDPOINT"] == when(
            "WithOtel", ref("OtlpEndpoint")
        )


def test_the_lake_is_written_by_day_and_read_by_day() -> None:
    lake = resources("analytics")
    written = lake["LakeStream"]["Properties"]["ExtendedS3DestinationConfiguration"]["Prefix"]
    assert written == "events/day=!{timestamp:yyyy-MM-dd}/"
    read = lake["LakeTable"]["Properties"]["TableInput"]
    assert read["Parameters"]["storage.location.template"]["Fn::Sub"].endswith("/events/day=${!day}/")
    assert read["Parameters"]["projection.day.format"] == "yyyy-MM-dd"
    assert [key["Name"] for key in read["PartitionKeys"]] == ["day"]
    workgroup = lake["LakeWorkGroup"]["Properties"]["WorkGroupConfiguration"]
    assert workgroup["EnforceWorkGroupConfiguration"] is True
