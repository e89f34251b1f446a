"""The edge: one address, one way in, and the headers that the local gateway sends."""

import re
from typing import Any, Final

import pytest

from infra.deploy.stack_names import SERVICES
from infra.local.gateway.security_headers import security_headers
from tests.unit.infra.sam.templates import ROOT, mentioned, nodes, resources, template

HEADER: Final = "x-colloquy-edge"
STREAMS_AS_IT_COMES: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # CachingDisabled
BUT_THE_HOST: Final = "b689b0a8-53d0-40ab-baf2-68738e2966ac"  # AllViewerExceptHostHeader


def distribution() -> dict[str, Any]:
    config: dict[str, Any] = resources("edge")["Cdn"]["Properties"]["DistributionConfig"]
    return config


def firewall() -> dict[str, Any]:
    rules = resources("edge-global")["Firewall"]["Properties"]["Rules"]
    return {rule["Name"]: rule for each in rules for rule in [each["Fn::If"][1] if "Fn::If" in each else each]}


@pytest.mark.parametrize("stack", ["edge", "edge-global"])
def test_every_parameter_and_condition_is_used(stack: str) -> None:
    given = template(stack)
    assert not (given["Parameters"].keys() | given["Conditions"].keys()) - mentioned(stack)
    assert all("Default" in each for each in given["Parameters"].values())


# ── Paths ──


def test_every_service_is_reached_at_its_path_and_published_bots_at_theirs() -> None:
    paths = {each["PathPattern"]: each["TargetOriginId"] for each in distribution()["CacheBehaviors"]}
    of_chat = dict.fromkeys(("/v1/*", "/problems", "/problems/*"), "chat")  # as the local gateway has it
    assert paths == {f"/api/{service}/*": service for service in SERVICES} | of_chat


def test_what_services_ask_each_other_is_reached_by_nobody_else() -> None:
    assert "internal" not in str(distribution())


@pytest.mark.parametrize("behaviour", distribution()["CacheBehaviors"], ids=lambda each: each["PathPattern"])
def test_an_answer_is_neither_kept_nor_compressed_nor_given_to_the_wrong_host(behaviour: dict[str, Any]) -> None:
    assert behaviour["CachePolicyId"] == STREAMS_AS_IT_COMES
    assert behaviour["OriginRequestPolicyId"] == BUT_THE_HOST
    assert behaviour["Compress"] is False
    assert behaviour["ViewerProtocolPolicy"] == "https-only"
    assert {"DELETE", "PATCH", "POST", "PUT"} <= set(behaviour["AllowedMethods"])


@pytest.mark.parametrize("service", SERVICES)
def test_an_origin_is_the_live_stage_of_the_api_that_the_services_stack_tells(service: str) -> None:
    (origin,) = [each for each in distribution()["Origins"] if each["Id"] == service]
    assert f"/colloquy/${{Environment}}/{service}/api-id" in origin["DomainName"]["Fn::Sub"]
    assert origin["OriginPath"] == "/live"
    (api,) = resources(service, "AWS::Serverless::Api").values()
    assert api["Properties"]["StageName"] == "live"


def test_the_web_chat_is_read_by_this_distribution_only() -> None:
    (site,) = [each for each in distribution()["Origins"] if each["Id"] == "site"]
    assert site["OriginAccessControlId"] == {"Fn::GetAtt": ["SiteAccess", "Id"]}
    allowed = [each for node in nodes(resources("edge")["SitePolicy"]) for each in node.get("Statement", ())]
    reading = [each for each in allowed if each["Effect"] == "Allow"]
    assert [each["Principal"] for each in reading] == [{"Service": "cloudfront.amazonaws.com"}]
    assert "${Cdn}" in str(reading[0]["Condition"])


# ── One way in ──


def test_what_the_edge_shows_is_what_the_guard_lets_in() -> None:
    shown = {
        value["Fn::Sub"].rpartition(":")[2].rstrip("}")
        for origin in distribution()["Origins"]
        for header in origin.get("OriginCustomHeaders", ())
        if header["HeaderName"].lower() == HEADER
        for value in header["HeaderValue"]["Fn::If"][1:]
    }
    secrets = {
        name: each["Properties"]["Name"]["Fn::Sub"]
        for name, each in resources("platform", "AWS::SecretsManager::Secret").items()
        if "Name" in each["Properties"]
    }
    matched = {
        secrets[node["SearchString"]["Fn::Sub"].partition("${")[2].partition("}")[0]]
        for node in nodes(resources("platform")["EdgeGuard"])
        if node.get("FieldToMatch") == {"SingleHeader": {"Name": HEADER}}
    }
    assert shown == matched == {"colloquy-${Environment}-edge-a", "colloquy-${Environment}-edge-b"}


def test_every_api_origin_shows_it() -> None:
    origins = [each for each in distribution()["Origins"] if each["Id"] != "site"]
    assert all(each["OriginCustomHeaders"][0]["HeaderName"].lower() == HEADER for each in origins)


def test_the_guard_lets_in_nobody_else_but_services_that_ask_one_another() -> None:
    guard = resources("platform")["EdgeGuard"]["Properties"]
    assert guard["DefaultAction"] == {"Block": {}}
    (_, between) = guard["Rules"]
    assert between["Statement"]["ByteMatchStatement"]["SearchString"] == "/live/internal/"
    for service in SERVICES:
        (association,) = resources(service, "AWS::WAFv2::WebACLAssociation").values()
        assert association["Properties"]["WebACLArn"] == {"Ref": "EdgeWebAclArn"}
    assert template("platform")["Outputs"]["EdgeWebAclArn"]["Value"] == {"Fn::GetAtt": ["EdgeGuard", "Arn"]}


# ── Headers ──


@pytest.mark.parametrize("hosted", ["", "https://example.auth.eu-west-1.amazoncognito.com"])
def test_its_headers_are_those_of_the_one_file(hosted: str) -> None:
    config = resources("edge")["Headers"]["Properties"]["ResponseHeadersPolicyConfig"]
    said = config["SecurityHeadersConfig"]
    transport = said["StrictTransportSecurity"]
    text, names = said["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"]
    _, with_domain, without = names["HostedSignIn"]["Fn::If"]
    hosted_source = with_domain["Fn::Sub"].replace("${HostedSignInDomain}", hosted) if hosted else without
    policy = text.replace("${HostedSignIn}", hosted_source)
    told = {each["Header"]: each["Value"] for each in config["CustomHeadersConfig"]["Items"]} | {
        "X-Content-Type-Options": "nosniff" if "ContentTypeOptions" in said else "",
        "X-Frame-Options": said["FrameOptions"]["FrameOption"],
        "Referrer-Policy": said["ReferrerPolicy"]["ReferrerPolicy"],
        "Strict-Transport-Security": f"max-age={transport['AccessControlMaxAgeSec']}; includeSubDomains",
        # The page speaks to the user pool itself; on one machine that has the page's own address.
        "Content-Security-Policy": policy.replace(" https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}", ""),
    }
    connect_to = [hosted] if hosted else []
    assert told == dict(security_headers(ROOT / "infra/edge-headers.json", https=True, connect_to=connect_to))


def test_hosted_sign_in_is_spoken_to_when_there_is_one_and_cannot_end_the_policy() -> None:
    edge = template("edge")
    assert edge["Conditions"]["WithHostedSignIn"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "HostedSignInDomain"}, ""]}]}
    allowed = re.compile(edge["Parameters"]["HostedSignInDomain"]["AllowedPattern"])
    told = template("platform")["Outputs"]["HostedSignInDomain"]
    assert told["Condition"] == "WithDomain"
    domain = (
        told["Value"]["Fn::Sub"].replace("${UserPoolDomainPrefix}", "example").replace("${AWS::Region}", "eu-west-1")
    )
    assert all(allowed.fullmatch(each) for each in ("", domain, "https://auth.example.com"))
    assert not any(allowed.fullmatch(each) for each in (f"{domain}; script-src *", f"{domain} *", "http://a.example"))


# ── Options ──


@pytest.mark.parametrize(
    ("parameter", "rule", "sets"),
    [
        ("AllowedIpV4AddressRanges", "app-from", "AppIpV4"),
        ("AllowedIpV6AddressRanges", "app-from", "AppIpV6"),
        ("PublishedApiAllowedIpV4AddressRanges", "published-from", "PublishedIpV4"),
        ("PublishedApiAllowedIpV6AddressRanges", "published-from", "PublishedIpV6"),
    ],
)
def test_ranges_of_the_web_chat_and_of_published_bots_are_apart(parameter: str, rule: str, sets: str) -> None:
    addresses = resources("edge-global")[sets]["Properties"]
    assert addresses["Addresses"] == {"Ref": parameter}
    assert (addresses["Scope"], sets[-4:]) == ("CLOUDFRONT", addresses["IPAddressVersion"].replace("IPV", "IpV"))
    assert {"Fn::GetAtt": [sets, "Arn"]} in [node.get("Arn") for node in nodes(firewall()[rule])]
    assert firewall()[rule]["Action"] == {"Block": {}}


@pytest.mark.parametrize(
    ("rule", "parameter"),
    [("app-rate", "RequestsPerFiveMinutes"), ("published-rate", "PublishedApiRequestsPerFiveMinutes")],
)
def test_rates_of_the_two_are_apart(rule: str, parameter: str) -> None:
    statement = firewall()[rule]["Statement"]["RateBasedStatement"]
    assert (statement["Limit"], statement["AggregateKeyType"]) == ({"Ref": parameter}, "IP")
    assert ("NotStatement" in statement["ScopeDownStatement"]) == (rule == "app-rate")
    assert firewall()[rule]["Action"]["Block"]["CustomResponse"]["ResponseCode"] == 429


def test_countries_are_a_rule_when_there_are_some() -> None:
    rule = firewall()["countries"]
    assert rule["Statement"]["NotStatement"]["Statement"]["GeoMatchStatement"] == {
        "CountryCodes": {"Ref": "AllowedCountries"}
    }
    assert rule["Action"] == {"Block": {}}


def test_an_own_domain_has_its_certificate_and_its_records() -> None:
    config, records = distribution(), resources("edge", "AWS::Route53::RecordSet")
    assert config["Aliases"] == {"Fn::If": ["OwnDomain", [{"Ref": "AlternateDomainName"}], {"Ref": "AWS::NoValue"}]}
    assert config["ViewerCertificate"]["Fn::If"][1]["AcmCertificateArn"] == {"Ref": "CertificateArn"}
    assert {each["Properties"]["Type"]: each["Condition"] for each in records.values()} == {
        "A": "OwnDomain", "AAAA": "OwnDomainByIpv6",
    }  # fmt: skip
    certificate = resources("edge-global")["Certificate"]
    assert certificate["Properties"]["DomainName"] == {"Ref": "AlternateDomainName"}
    assert template("edge-global")["Rules"]["InTheRightRegion"]


def test_ipv6_can_be_off_and_the_firewall_left_out() -> None:
    assert distribution()["IPV6Enabled"] == {"Ref": "EnableIpv6"}
    assert distribution()["WebACLId"] == {"Fn::If": ["Guarded", {"Ref": "FirewallArn"}, {"Ref": "AWS::NoValue"}]}
