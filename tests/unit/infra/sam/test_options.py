"""The options of a deployment: each parameter with its resource, property and value."""

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
def test_a_parameter_sets_its_property(stack: str, parameter: str, resource: str, name: str, value: Any) -> None:
    assert parameter in template(stack)["Parameters"]
    assert _plain(resources(stack)[resource]["Properties"][name]) == value


def _plain(value: Any) -> Any:
    """Replace YAML's booleans by CloudFormation's text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return {key: _plain(each) for key, each in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize(
    ("stack", "condition", "created"),
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
def test_a_condition_creates_these_resources(stack: str, condition: str, created: set[str]) -> None:
    assert {name for name, each in resources(stack).items() if each.get("Condition") == condition} == created


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
def test_a_condition_is_false_without_its_parameter(condition: str, parameter: str) -> None:
    platform = template("platform")
    assert platform["Conditions"][condition] == {"Fn::Not": [{"Fn::Equals": [ref(parameter), ""]}]}
    assert platform["Parameters"][parameter]["Default"] == ""


def test_app_urls_are_origins_without_a_path() -> None:
    allowed = re.compile(template("platform")["Parameters"]["AppUrls"]["AllowedPattern"])
    for right in ("", "https://chat.example.com", "https://chat.example.com,http://localhost:8080"):
        assert allowed.fullmatch(right)
    for wrong in ("https://chat.example.com/", "chat.example.com", "https://a.example, https://b.example"):
        assert not allowed.fullmatch(wrong)


def test_any_identity_provider_disables_self_sign_up() -> None:
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
def test_sign_up_parameters_are_passed_to_the_user_pools_functions(
    parameter: str, function: str, variable: str, trigger: Any
) -> None:
    properties = resources("platform")[function]["Properties"]
    assert properties["Environment"]["Variables"][variable] == ref(parameter)
    (event,) = properties["Events"].values()
    assert event["Properties"] == {"UserPool": ref("UserPool"), "Trigger": trigger}


def test_providers_take_their_client_from_the_named_secret() -> None:
    for provider, secret, fields in (
        ("Google", "GoogleSecretName", {"clientId", "clientSecret"}),
        ("Oidc", "OidcSecretName", {"clientId", "clientSecret", "issuer"}),
    ):
        details = str(resources("platform")[provider]["Properties"]["ProviderDetails"])
        for name in fields:
            assert f"{{{{resolve:secretsmanager:${{{secret}}}:SecretString:{name}}}}}" in details


def test_the_first_administrator_is_in_the_admin_group() -> None:
    joined = resources("platform")["AdminIsAdmin"]["Properties"]
    assert joined == {"UserPoolId": ref("UserPool"), "GroupName": ref("AdminGroup"), "Username": ref("Admin")}


def test_subscriber_accounts_may_create_rules_but_not_put_events() -> None:
    statement = resources("platform")["BusSubscribers"]["Properties"]["Statement"]
    assert statement["Principal"] == {"AWS": {"Fn::Split": [",", ref("SubscriberAccounts")]}}
    assert "events:PutEvents" not in as_list(statement["Action"])
    assert statement["Condition"] == {
        "StringEqualsIfExists": {"events:creatorAccount": {"Fn::Sub": "${!aws:PrincipalAccount}"}}
    }


def test_the_bot_store_has_a_language_parameter_that_its_functions_get() -> None:
    languages = ["en", "de", "fr", "es", "ja", "ko", "zhhans", "zhhant", "it", "nb", "th", "id", "ms"]
    assert template("bots")["Parameters"]["BotStoreLanguage"]["AllowedValues"] == languages
    for function in functions("bots").values():
        variables = function["Environment"]["Variables"]
        assert variables["COLLOQUY_BOT_STORE_LANGUAGE"] == ref("BotStoreLanguage")
        assert variables["COLLOQUY_BOT_STORE_ENDPOINT"] == when(
            "WithBotStore", {"Fn::GetAtt": ["Store", "CollectionEndpoint"]}
        )


@pytest.mark.parametrize("service", ["chat", "bots", "ingest", "agents", "analytics"])
def test_every_function_has_the_release_in_its_version_and_environment(service: str) -> None:
    for name, function in functions(service).items():
        assert function["VersionDescription"] == ref("Release"), name
        assert function["Environment"]["Variables"]["COLLOQUY_RELEASE"] == ref("Release")


@pytest.mark.parametrize("service", ["chat", "bots", "ingest", "agents", "analytics"])
def test_traces_are_sent_to_x_ray_or_a_collector_as_configured(service: str) -> None:
    for function in functions(service).values():
        assert function["Tracing"] == when("WithXRay", "Active", "PassThrough")
        assert function["Environment"]["Variables"]["OTEL_EXPORTER_OTLP_ENDPOINT"] == when(
            "WithOtel", ref("OtlpEndpoint")
        )


def test_the_lake_is_partitioned_by_day() -> None:
    lake = resources("analytics")
    written = lake["LakeStream"]["Properties"]["ExtendedS3DestinationConfiguration"]["Prefix"]
    assert written == "events/day=!{timestamp:yyyy-MM-dd}/"
    read = lake["LakeTable"]["Properties"]["TableInput"]
    assert read["Parameters"]["storage.location.template"]["Fn::Sub"].endswith("/events/day=${!day}/")
    assert read["Parameters"]["projection.day.format"] == "yyyy-MM-dd"
    assert [key["Name"] for key in read["PartitionKeys"]] == ["day"]
    workgroup = lake["LakeWorkGroup"]["Properties"]["WorkGroupConfiguration"]
    assert workgroup["EnforceWorkGroupConfiguration"] is True
