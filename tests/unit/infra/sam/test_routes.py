"""An API has the routes of the service's OpenAPI document and streams the same ones."""

import json
from typing import Any

import pytest

from infra.deploy.stack_names import SERVICES
from tests.unit.infra.sam.templates import ROOT, environment, functions, nodes, resources, template, translate

METHODS = {"get", "post", "put", "patch", "delete"}
INTERNAL = {"agents": {("/internal/agents/tools", "get")}}
"""Called by other services with an internal token; not in the public document."""
PAGES = {"chat": {("/problems", "get"), ("/problems/{slug}", "get")}}
"""The pages that a problem's `type` refers to."""


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
def test_streaming_routes_go_to_a_streaming_function_and_the_others_to_a_buffered_one(service: str) -> None:
    for route, (name, properties) in routed(service).items():
        streams = documented(service).get(route, False)
        mode = environment(functions(service)[name])["AWS_LWA_INVOKE_MODE"]
        assert mode == ("response_stream" if streams else "buffered"), route
        assert properties.get("ResponseTransferMode") == ("RESPONSE_STREAM" if streams else None), route


def test_chats_streams_have_lambdas_longest_timeout() -> None:
    assert functions("chat")["Streams"]["Timeout"] == 900
    streaming = [properties for name, properties in routed("chat").values() if name == "Streams"]
    assert [each["TimeoutInMillis"] for each in streaming] == [900_000] * len(streaming)
    assert len(streaming) >= 3


def test_streaming_routes_are_translated_to_streaming_integrations() -> None:
    body = translate("chat")["Resources"]["Api"]["Properties"]["Body"]
    integrations = {
        path: integration
        for path, operations in body["paths"].items()
        for node in nodes(operations)
        if (integration := node.get("x-amazon-apigateway-integration"))
        and integration.get("responseTransferMode") == "STREAM"
    }
    assert set(integrations) == {path for (path, _), streams in documented("chat").items() if streams}
    for integration in integrations.values():
        assert "/response-streaming-invocations" in str(integration["uri"])
        assert integration["timeoutInMillis"] == 900_000


@pytest.mark.parametrize("service", SERVICES)
def test_apis_are_regional_and_publish_their_id_and_url(service: str) -> None:
    (api,) = resources(service, "AWS::Serverless::Api").values()
    assert api["Properties"]["EndpointConfiguration"] == {"Type": "REGIONAL"}
    parameters = {each["Properties"]["Name"]["Fn::Sub"] for each in resources(service, "AWS::SSM::Parameter").values()}
    assert {f"/colloquy/${{Environment}}/{service}/api-{end}" for end in ("id", "url")} <= parameters


@pytest.mark.parametrize("service", SERVICES)
def test_an_access_log_has_no_address_query_header_or_body(service: str) -> None:
    (api,) = resources(service, "AWS::Serverless::Api").values()
    format_ = api["Properties"]["AccessLogSetting"]["Format"]
    assert "$context.resourcePath" in format_
    for secret in ("$context.path", "querystring", "header", "body", "sourceIp", "authorizer", "userAgent"):
        assert secret not in format_
    assert api["Properties"]["MethodSettings"][0]["DataTraceEnabled"] is False


@pytest.mark.parametrize("service", SERVICES)
def test_the_stage_is_associated_with_the_acl_of_the_edge(service: str) -> None:
    (guard,) = resources(service, "AWS::WAFv2::WebACLAssociation").values()
    assert guard["Condition"] == "BehindEdge"
    assert guard["Properties"]["WebACLArn"] == {"Ref": "EdgeWebAclArn"}
    assert template(service)["Parameters"]["EdgeWebAclArn"]["Default"] == ""
