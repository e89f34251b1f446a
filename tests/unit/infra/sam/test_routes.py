"""An API has the routes of its service's OpenAPI document, and streams those that stream."""

import json
from typing import Any

import pytest

from infra.deploy.stack_names import SERVICES
from tests.unit.infra.sam.templates import ROOT, environment, functions, nodes, resources, template, translate

METHODS = {"get", "post", "put", "patch", "delete"}
INTERNAL = {"agents": {("/internal/agents/tools", "get")}}
"""Asked by other services with a token of their own; in no public document."""
PAGES = {"chat": {("/problems", "get"), ("/problems/{slug}", "get")}}
"""To where a problem's `type` leads."""


def documented(service: str) -> dict[tuple[str, str], bool]:
    """Path and method → whether it may answer with a stream."""
    paths = json.loads((ROOT / f"docs/openapi/{service}.json").read_text())["paths"]
    return {
        (path, method): any("text/event-stream" in each.get("content", {}) for each in operation["responses"].values())
        for path, operations in paths.items()
        for method, operation in operations.items()
        if method in METHODS
    }


def routed(service: str) -> dict[tuple[str, str], tuple[str, dict[str, Any]]]:
    return {
        (event["Properties"]["Path"], event["Properties"]["Method"]): (name, event["Properties"])
        for name, function in functions(service).items()
        for event in function.get("Events", {}).values()
        if event["Type"] == "Api"
    }


@pytest.mark.parametrize("service", SERVICES)
def test_the_api_has_the_documented_routes_and_no_other(service: str) -> None:
    assert set(routed(service)) == set(documented(service)) | INTERNAL.get(service, set()) | PAGES.get(service, set())


@pytest.mark.parametrize("service", SERVICES)
def test_what_may_stream_goes_to_a_function_that_streams_and_the_rest_to_one_that_does_not(service: str) -> None:
    for route, (name, properties) in routed(service).items():
        streams = documented(service).get(route, False)
        mode = environment(functions(service)[name])["AWS_LWA_INVOKE_MODE"]
        assert mode == ("response_stream" if streams else "buffered"), route
        assert properties.get("ResponseTransferMode") == ("RESPONSE_STREAM" if streams else None), route


def test_chat_streams_as_long_as_lambda_lets_it() -> None:
    assert functions("chat")["Streams"]["Timeout"] == 900
    streaming = [properties for name, properties in routed("chat").values() if name == "Streams"]
    assert [each["TimeoutInMillis"] for each in streaming] == [900_000] * len(streaming)
    assert len(streaming) >= 3


def test_the_translator_makes_streaming_integrations_of_them() -> None:
    body = translate("chat")["Resources"]["Api"]["Properties"]["Body"]
    made = {
        path: integration
        for path, operations in body["paths"].items()
        for node in nodes(operations)
        if (integration := node.get("x-amazon-apigateway-integration"))
        and integration.get("responseTransferMode") == "STREAM"
    }
    assert set(made) == {path for (path, _), streams in documented("chat").items() if streams}
    for integration in made.values():
        assert "/response-streaming-invocations" in str(integration["uri"])
        assert integration["timeoutInMillis"] == 900_000


@pytest.mark.parametrize("service", SERVICES)
def test_apis_are_regional_and_tell_where_they_are(service: str) -> None:
    (api,) = resources(service, "AWS::Serverless::Api").values()
    assert api["Properties"]["EndpointConfiguration"] == {"Type": "REGIONAL"}
    told = {each["Properties"]["Name"]["Fn::Sub"] for each in resources(service, "AWS::SSM::Parameter").values()}
    assert {f"/colloquy/${{Environment}}/{service}/api-{end}" for end in ("id", "url")} <= told


@pytest.mark.parametrize("service", SERVICES)
def test_an_access_log_names_no_address_query_header_or_body(service: str) -> None:
    (api,) = resources(service, "AWS::Serverless::Api").values()
    format_ = api["Properties"]["AccessLogSetting"]["Format"]
    assert "$context.resourcePath" in format_
    for secret in ("$context.path", "querystring", "header", "body", "sourceIp", "authorizer", "userAgent"):
        assert secret not in format_
    assert api["Properties"]["MethodSettings"][0]["DataTraceEnabled"] is False


@pytest.mark.parametrize("service", SERVICES)
def test_the_edges_firewall_guards_the_stage_when_there_is_one(service: str) -> None:
    (guard,) = resources(service, "AWS::WAFv2::WebACLAssociation").values()
    assert guard["Condition"] == "BehindEdge"
    assert guard["Properties"]["WebACLArn"] == {"Ref": "EdgeWebAclArn"}
    assert template(service)["Parameters"]["EdgeWebAclArn"]["Default"] == ""
