"""The edge: its paths, its protection, and the same headers as the local gateway."""

import re
from typing import Any, Final

import pytest

from infra.deploy.stack_names import SERVICES
from infra.local.gateway.security_headers import security_headers
from tests.unit.infra.sam.templates import ROOT, mentioned, nodes, resources, template

HEADER: Final = "x-colloquy-edge"
CACHING_DISABLED: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_HEADERS_EXCEPT_HOST: Final = "b689b0a8-53d0-40ab-baf2-68738e2966ac"  # AllViewerExceptHostHeader


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


def test_each_path_is_routed_to_its_service() -> None:
    paths = {each["PathPattern"]: each["TargetOriginId"] for each in distribution()["CacheBehaviors"]}
    of_chat = dict.fromkeys(("/v1/*", "/problems", "/problems/*"), "chat")  # as the local gateway has it
    assert paths == {f"/api/{service}/*": service for service in SERVICES} | of_chat


def test_internal_paths_are_not_routed() -> None:
    assert "internal" not in str(distribution())


@pytest.mark.parametrize("behaviour", distribution()["CacheBehaviors"], ids=lambda each: each["PathPattern"])
def test_responses_of_services_are_neither_cached_nor_compressed(behaviour: dict[str, Any]) -> None:
    assert behaviour["CachePolicyId"] == CACHING_DISABLED
    assert behaviour["OriginRequestPolicyId"] == ALL_HEADERS_EXCEPT_HOST
    assert behaviour["Compress"] is False
    assert behaviour["ViewerProtocolPolicy"] == "https-only"
    assert {"DELETE", "PATCH", "POST", "PUT"} <= set(behaviour["AllowedMethods"])


@pytest.mark.parametrize("service", SERVICES)
def test_an_origin_is_the_live_stage_of_the_api_of_the_services_stack(service: str) -> None:
    (origin,) = [each for each in distribution()["Origins"] if each["Id"] == service]
    assert f"/colloquy/${{Environment}}/{service}/api-id" in origin["DomainName"]["Fn::Sub"]
    assert origin["OriginPath"] == "/live"
    (api,) = resources(service, "AWS::Serverless::Api").values()
    assert api["Properties"]["StageName"] == "live"


def test_the_site_bucket_is_readable_by_this_distribution_only() -> None:
    (site,) = [each for each in distribution()["Origins"] if each["Id"] == "site"]
    assert site["OriginAccessControlId"] == {"Fn::GetAtt": ["SiteAccess", "Id"]}
    allowed = [each for node in nodes(resources("edge")["SitePolicy"]) for each in node.get("Statement", ())]
    readers = [each for each in allowed if each["Effect"] == "Allow"]
    assert [each["Principal"] for each in readers] == [{"Service": "cloudfront.amazonaws.com"}]
    assert "${Cdn}" in str(readers[0]["Condition"])


# ── The header that the edge sends to the origins ──


def test_the_guard_accepts_the_secrets_that_the_edge_sends() -> None:
    sent = {
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
    assert sent == matched == {"colloquy-${Environment}-edge-a", "colloquy-${Environment}-edge-b"}


def test_every_api_origin_gets_the_header() -> None:
    origins = [each for each in distribution()["Origins"] if each["Id"] != "site"]
    assert all(each["OriginCustomHeaders"][0]["HeaderName"].lower() == HEADER for each in origins)


def test_the_guard_blocks_all_other_requests_except_internal_ones() -> None:
    guard = resources("platform")["EdgeGuard"]["Properties"]
    assert guard["DefaultAction"] == {"Block": {}}
    (_, internal_rule) = guard["Rules"]
    assert internal_rule["Statement"]["ByteMatchStatement"]["SearchString"] == "/live/internal/"
    for service in SERVICES:
        (association,) = resources(service, "AWS::WAFv2::WebACLAssociation").values()
        assert association["Properties"]["WebACLArn"] == {"Ref": "EdgeWebAclArn"}
    assert template("platform")["Outputs"]["EdgeWebAclArn"]["Value"] == {"Fn::GetAtt": ["EdgeGuard", "Arn"]}


# ── Headers ──


@pytest.mark.parametrize("hosted", ["", "https://example.auth.eu-west-1.amazoncognito.com"])
def test_the_response_headers_are_those_of_the_shared_file(hosted: str) -> None:
    config = resources("edge")["Headers"]["Properties"]["ResponseHeadersPolicyConfig"]
    security = config["SecurityHeadersConfig"]
    transport = security["StrictTransportSecurity"]
    text, names = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"]
    _, with_domain, without = names["HostedSignIn"]["Fn::If"]
    hosted_source = with_domain["Fn::Sub"].replace("${HostedSignInDomain}", hosted) if hosted else without
    policy = text.replace("${HostedSignIn}", hosted_source)
    found = {each["Header"]: each["Value"] for each in config["CustomHeadersConfig"]["Items"]} | {
        "X-Content-Type-Options": "nosniff" if "ContentTypeOptions" in security else "",
        "X-Frame-Options": security["FrameOptions"]["FrameOption"],
        "Referrer-Policy": security["ReferrerPolicy"]["ReferrerPolicy"],
        "Strict-Transport-Security": f"max-age={transport['AccessControlMaxAgeSec']}; includeSubDomains",
        # The page calls the user pool directly; in the local system the user pool has the address of the page.
        "Content-Security-Policy": policy.replace(" https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}", ""),
    }
    connect_to = [hosted] if hosted else []
    assert found == dict(security_headers(ROOT / "infra/edge-headers.json", https=True, connect_to=connect_to))


def test_the_hosted_sign_in_domain_is_optional_and_cannot_inject_into_the_policy() -> None:
    edge = template("edge")
    assert edge["Conditions"]["WithHostedSignIn"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "HostedSignInDomain"}, ""]}]}
    allowed = re.compile(edge["Parameters"]["HostedSignInDomain"]["AllowedPattern"])
    found = template("platform")["Outputs"]["HostedSignInDomain"]
    assert found["Condition"] == "WithDomain"
    domain = (
        found["Value"]["Fn::Sub"].replace("${UserPoolDomainPrefix}", "example").replace("${AWS::Region}", "eu-west-1")
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
def test_the_web_chat_and_published_bots_have_separate_ip_ranges(parameter: str, rule: str, sets: str) -> None:
    addresses = resources("edge-global")[sets]["Properties"]
    assert addresses["Addresses"] == {"Ref": parameter}
    assert (addresses["Scope"], sets[-4:]) == ("CLOUDFRONT", addresses["IPAddressVersion"].replace("IPV", "IpV"))
    assert {"Fn::GetAtt": [sets, "Arn"]} in [node.get("Arn") for node in nodes(firewall()[rule])]
    assert firewall()[rule]["Action"] == {"Block": {}}


@pytest.mark.parametrize(
    ("rule", "parameter"),
    [("app-rate", "RequestsPerFiveMinutes"), ("published-rate", "PublishedApiRequestsPerFiveMinutes")],
)
def test_the_web_chat_and_published_bots_have_separate_rate_limits(rule: str, parameter: str) -> None:
    statement = firewall()[rule]["Statement"]["RateBasedStatement"]
    assert (statement["Limit"], statement["AggregateKeyType"]) == ({"Ref": parameter}, "IP")
    assert ("NotStatement" in statement["ScopeDownStatement"]) == (rule == "app-rate")
    assert firewall()[rule]["Action"]["Block"]["CustomResponse"]["ResponseCode"] == 429


def test_the_countries_rule_blocks_other_countries() -> None:
    rule = firewall()["countries"]
    assert rule["Statement"]["NotStatement"]["Statement"]["GeoMatchStatement"] == {
        "CountryCodes": {"Ref": "AllowedCountries"}
    }
    assert rule["Action"] == {"Block": {}}


def test_a_custom_domain_has_a_certificate_and_records() -> None:
    config, records = distribution(), resources("edge", "AWS::Route53::RecordSet")
    assert config["Aliases"] == {"Fn::If": ["OwnDomain", [{"Ref": "AlternateDomainName"}], {"Ref": "AWS::NoValue"}]}
    assert config["ViewerCertificate"]["Fn::If"][1]["AcmCertificateArn"] == {"Ref": "CertificateArn"}
    assert {each["Properties"]["Type"]: each["Condition"] for each in records.values()} == {
        "A": "OwnDomain", "AAAA": "OwnDomainByIpv6",
    }  # fmt: skip
    certificate = resources("edge-global")["Certificate"]
    assert certificate["Properties"]["DomainName"] == {"Ref": "AlternateDomainName"}
    assert template("edge-global")["Rules"]["InTheRightRegion"]


def test_ipv6_and_the_firewall_are_optional() -> None:
    assert distribution()["IPV6Enabled"] == {"Ref": "EnableIpv6"}
    assert distribution()["WebACLId"] == {"Fn::If": ["Guarded", {"Ref": "FirewallArn"}, {"Ref": "AWS::NoValue"}]}
