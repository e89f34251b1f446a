"""APIs: what streams is streamed, what does not is answered whole, and every route leads somewhere."""

import json
import re
from typing import Any

import pytest

from infra.openapi import FOLDER
from tests.contract.sam.stacks import SERVICES, functions, in_lambda, of_type, template, translated

METHODS = ("get", "post", "put", "patch", "delete")


def integrations(service: str) -> dict[tuple[str, str], dict[str, Any]]:
    (api,) = of_type(translated(service), "AWS::ApiGateway::RestApi").values()
    paths = in_lambda(api["Properties"]["Body"]["paths"])
    return {
        (method, path): operation["x-amazon-apigateway-integration"]
        for path, operations in paths.items()
        for method, operation in operations.items()
        if method in METHODS
    }


def leads_to(service: str, method: str, path: str) -> dict[str, Any]:
    """As API Gateway chooses: part by part, a word before a parameter before the rest, and it never turns back."""
    ways = [(pattern.split("/"), verb, each) for (verb, pattern), each in integrations(service).items()]
    for position, given in enumerate(path.split("/")):
        for part in (given, "{parameter}", "{proxy+}"):
            further = [way for way in ways if _goes(way[0], position, part)]
            if further:
                ways = further
                break
        if part == "{proxy+}":
            break
    (found,) = [each for parts, verb, each in ways if verb == method and _ends(parts, path)]
    return found


def _goes(parts: list[str], position: int, part: str) -> bool:
    own = parts[position] if position < len(parts) else ""
    return own.startswith("{") and "+" not in own if part == "{parameter}" else own == part


def _ends(parts: list[str], path: str) -> bool:
    return parts[-1] == "{proxy+}" or len(parts) == len(path.split("/"))


def routes(service: str) -> list[tuple[str, str, bool]]:
    """Method, path, and whether it may stream, by the service's OpenAPI document."""
    paths = json.loads((FOLDER / f"{service}.json").read_text())["paths"]
    return [
        (method, path, "text/event-stream" in operation["responses"].get("200", {}).get("content", {}))
        for path, operations in paths.items()
        for method, operation in operations.items()
    ]


@pytest.mark.parametrize(
    ("service", "method", "path", "streams"), [(s, *route) for s in SERVICES for route in routes(s)]
)
def test_a_route_streams_when_its_contract_says_so(service: str, method: str, path: str, streams: bool) -> None:
    integration = leads_to(service, method, re.sub(r"\{[^}]+\}", "x", path))
    assert (integration.get("responseTransferMode") == "STREAM") == streams
    uri = json.dumps(integration["uri"])
    assert ("response-streaming-invocations" in uri) == streams
    assert ("StreamFunction" in uri) == streams
    if streams:
        assert int(integration["timeoutInMillis"]) == 900_000


def test_who_streams_tells_the_adapter_and_has_all_the_time_that_lambda_gives() -> None:
    found = functions("chat")
    modes = {name: each["Environment"]["Variables"].get("AWS_LWA_INVOKE_MODE") for name, each in found.items()}
    assert (modes["StreamFunction"], modes["HttpFunction"]) == ("response_stream", "buffered")
    assert found["StreamFunction"]["Timeout"] == 900


@pytest.mark.parametrize("service", SERVICES)
def test_an_api_is_regional_and_its_log_holds_nothing_that_was_sent(service: str) -> None:
    (api,) = of_type(template(service), "AWS::Serverless::Api").values()
    assert api["Properties"]["EndpointConfiguration"] == {"Type": "REGIONAL"}
    told = set(json.loads(api["Properties"]["AccessLogSetting"]["Format"]).values())
    assert told == {
        "$context.requestId", "$context.requestTime", "$context.httpMethod", "$context.resourcePath",
        "$context.status", "$context.responseLatency",
    }  # fmt: skip
    assert all(each["DataTraceEnabled"] is False for each in api["Properties"]["MethodSettings"])


@pytest.mark.parametrize("service", SERVICES)
def test_others_find_an_api_by_its_address_in_ssm(service: str) -> None:
    names = {
        each["Properties"]["Name"]["Fn::Sub"] for each in of_type(template(service), "AWS::SSM::Parameter").values()
    }  # fmt: skip
    assert {f"/colloquy/${{Environment}}/{service}/api-{what}" for what in ("id", "url")} <= names
