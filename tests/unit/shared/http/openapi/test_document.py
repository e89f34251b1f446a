"""The OpenAPI document is valid, complete, and generated from the routes alone."""

import json
import re
from typing import Any

import jsonschema
import openapi_spec_validator
import pytest

from shared.http.app.routes import Route
from shared.http.openapi.document import document
from shared.http.openapi.responses import problem_slugs
from shared.http.problems.statuses import STATUSES
from tests.fakes.http_service import NOTE_ID, ROUTES, Client, Context, bearer

PUBLIC = [route for route in ROUTES if route.rule.audience != "services"]


@pytest.fixture
def openapi() -> dict[str, Any]:
    return document("notes", ROUTES, version="7")


def operation(openapi: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = openapi["paths"][path][method]
    return found


def parameter(operation: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (each for each in operation["parameters"] if each["name"] == name)
    return dict(found)


async def test_the_served_document_is_valid(client: Client) -> None:
    answer = await client.get("/api/notes/openapi.json")
    served = await answer.json()
    openapi_spec_validator.validate(served)
    assert served["openapi"] == "3.1.0"
    assert {"/api/notes/health", "/api/notes/ready", "/api/notes/openapi.json"} <= served["paths"].keys()


def test_the_document_has_every_public_route_and_no_internal_one(openapi: dict[str, Any]) -> None:
    listed = {(method.upper(), path) for path, item in openapi["paths"].items() for method in item}
    assert listed == {(route.method, route.template) for route in PUBLIC}
    assert "/internal/" not in json.dumps(openapi)


@pytest.mark.parametrize("route", PUBLIC, ids=lambda route: route.name)
def test_every_problem_of_a_route_is_documented_with_an_example(openapi: dict[str, Any], route: Route) -> None:
    answers = operation(openapi, route.method.lower(), route.template)["responses"]
    schema = {"$ref": "#/components/schemas/ProblemDetails", "components": openapi["components"]}
    for slug in problem_slugs(route):
        content = answers[str(STATUSES[slug])]["content"]["application/problem+json"]
        jsonschema.validate(content["examples"][slug]["value"], schema)


def test_operation_ids_are_unique(openapi: dict[str, Any]) -> None:
    names = [each["operationId"] for item in openapi["paths"].values() for each in item.values()]
    assert len(names) == len(set(names))


def test_operations_document_their_security(openapi: dict[str, Any]) -> None:
    assert operation(openapi, "post", "/api/notes/notes")["security"] == [{"bearer": []}]
    assert operation(openapi, "get", "/api/notes/fault")["security"] == []
    assert "403" in operation(openapi, "delete", "/api/notes/everything")["responses"]
    assert "401" not in operation(openapi, "get", "/api/notes/fault")["responses"]


def test_a_path_parameter_has_its_pattern(openapi: dict[str, Any]) -> None:
    pattern = parameter(operation(openapi, "put", "/api/notes/notes/{id}"), "id")["schema"]["pattern"]
    assert re.search(pattern, NOTE_ID)
    assert not re.search(pattern, "conv_01J00000000000000000000000")


def test_a_query_parameter_has_type_limits_and_default_and_is_never_null(openapi: dict[str, Any]) -> None:
    listing = operation(openapi, "get", "/api/notes/notes")
    limit = parameter(listing, "limit")["schema"]
    assert (limit["type"], limit["minimum"], limit["maximum"], limit["default"]) == ("integer", 1, 200, 50)
    cursor = parameter(listing, "cursor")
    assert cursor["required"] is False
    assert cursor["schema"]["type"] == "string"
    assert "default" not in cursor["schema"]
    assert parameter(listing, "tag")["schema"]["type"] == "array"


def test_headers_of_a_route_are_parameters(openapi: dict[str, Any]) -> None:
    assert parameter(operation(openapi, "post", "/api/notes/notes"), "Idempotency-Key")["required"] is False
    assert parameter(operation(openapi, "post", "/api/notes/payments"), "Idempotency-Key")["required"] is True
    assert parameter(operation(openapi, "put", "/api/notes/notes/{id}"), "If-Match")["required"] is True
    assert parameter(operation(openapi, "get", "/api/notes/events"), "Last-Event-ID")["required"] is False


def test_a_stream_has_the_media_type_event_stream(openapi: dict[str, Any]) -> None:
    answer = operation(openapi, "get", "/api/notes/events")["responses"]["200"]
    assert list(answer["content"]) == ["text/event-stream"]


def test_an_optional_body_is_not_required(openapi: dict[str, Any]) -> None:
    assert operation(openapi, "post", "/api/notes/payments")["requestBody"]["required"] is False
    assert operation(openapi, "post", "/api/notes/notes")["requestBody"]["required"] is True


def test_query_models_are_not_component_schemas(openapi: dict[str, Any]) -> None:
    assert not [name for name in openapi["components"]["schemas"] if name.endswith("Query")]


async def test_responses_fit_their_documented_schemas(
    client: Client, context: Context, openapi: dict[str, Any]
) -> None:
    components = openapi["components"]
    posted = await client.post("/api/notes/notes", json={"title": "t"}, headers=bearer("me"))
    listed = await client.get("/api/notes/notes", headers=bearer("me"))
    for answer, method in ((posted, "post"), (listed, "get")):
        content = operation(openapi, method, "/api/notes/notes")["responses"][str(answer.status)]["content"]
        schema = {**content["application/json"]["schema"], "components": components}
        jsonschema.validate(await answer.json(), schema)
    refused = await client.post("/api/notes/notes", json={"title": 1}, headers=bearer("me"))
    schema = {"$ref": "#/components/schemas/ProblemDetails", "components": components}
    jsonschema.validate(await refused.json(content_type=None), schema)
    assert context.seen
