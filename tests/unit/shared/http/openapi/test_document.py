"""The document is the contract: valid, complete, and made from the routes alone."""

import json
import re
from typing import Any

import jsonschema
import openapi_spec_validator
import pytest

from shared.http.app.routes import Route
from shared.http.openapi.document import document
from shared.http.openapi.responses import problem_slugs
from shared.problems.kinds import KINDS
from tests.fakes.http_service import NOTE_ID, ROUTES, Client, Context, bearer

PUBLIC = [route for route in ROUTES if route.rule.audience != "services"]


@pytest.fixture
def described() -> dict[str, Any]:
    return document("notes", ROUTES, version="7")


def operation(described: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = described["paths"][path][method]
    return found


def parameter(operation: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (each for each in operation["parameters"] if each["name"] == name)
    return dict(found)


async def test_what_is_served_is_a_valid_document(client: Client) -> None:
    answer = await client.get("/api/notes/openapi.json")
    served = await answer.json()
    openapi_spec_validator.validate(served)
    assert served["openapi"] == "3.1.0"
    assert {"/api/notes/health", "/api/notes/ready", "/api/notes/openapi.json"} <= served["paths"].keys()


def test_every_public_route_is_there_and_no_internal_one(described: dict[str, Any]) -> None:
    listed = {(method.upper(), path) for path, item in described["paths"].items() for method in item}
    assert listed == {(route.method, route.template) for route in PUBLIC}
    assert "/internal/" not in json.dumps(described)


@pytest.mark.parametrize("route", PUBLIC, ids=lambda route: route.name)
def test_every_problem_that_can_come_is_told_with_an_example(described: dict[str, Any], route: Route) -> None:
    answers = operation(described, route.method.lower(), route.template)["responses"]
    schema = {"$ref": "#/components/schemas/ProblemDetails", "components": described["components"]}
    for slug in problem_slugs(route):
        content = answers[str(KINDS[slug].status)]["content"]["application/problem+json"]
        jsonschema.validate(content["examples"][slug]["value"], schema)


def test_names_are_unique(described: dict[str, Any]) -> None:
    names = [each["operationId"] for item in described["paths"].values() for each in item.values()]
    assert len(names) == len(set(names))


def test_who_may_call_is_told(described: dict[str, Any]) -> None:
    assert operation(described, "post", "/api/notes/notes")["security"] == [{"bearer": []}]
    assert operation(described, "get", "/api/notes/fault")["security"] == []
    assert "403" in operation(described, "delete", "/api/notes/everything")["responses"]
    assert "401" not in operation(described, "get", "/api/notes/fault")["responses"]


def test_a_path_parameter_has_its_pattern(described: dict[str, Any]) -> None:
    pattern = parameter(operation(described, "put", "/api/notes/notes/{id}"), "id")["schema"]["pattern"]
    assert re.search(pattern, NOTE_ID)
    assert not re.search(pattern, "conv_01J00000000000000000000000")


def test_a_query_parameter_has_type_limits_and_default_and_is_never_null(described: dict[str, Any]) -> None:
    listing = operation(described, "get", "/api/notes/notes")
    limit = parameter(listing, "limit")["schema"]
    assert (limit["type"], limit["minimum"], limit["maximum"], limit["default"]) == ("integer", 1, 200, 50)
    cursor = parameter(listing, "cursor")
    assert cursor["required"] is False
    assert cursor["schema"]["type"] == "string"
    assert "default" not in cursor["schema"]
    assert parameter(listing, "tag")["schema"]["type"] == "array"


def test_headers_that_a_route_takes_are_parameters(described: dict[str, Any]) -> None:
    assert parameter(operation(described, "post", "/api/notes/notes"), "Idempotency-Key")["required"] is False
    assert parameter(operation(described, "post", "/api/notes/payments"), "Idempotency-Key")["required"] is True
    assert parameter(operation(described, "put", "/api/notes/notes/{id}"), "If-Match")["required"] is True
    assert parameter(operation(described, "get", "/api/notes/events"), "Last-Event-ID")["required"] is False


def test_a_stream_is_an_event_stream(described: dict[str, Any]) -> None:
    answer = operation(described, "get", "/api/notes/events")["responses"]["200"]
    assert list(answer["content"]) == ["text/event-stream"]


def test_an_optional_body_is_not_required(described: dict[str, Any]) -> None:
    assert operation(described, "post", "/api/notes/payments")["requestBody"]["required"] is False
    assert operation(described, "post", "/api/notes/notes")["requestBody"]["required"] is True


def test_query_models_are_no_schemas_of_their_own(described: dict[str, Any]) -> None:
    assert not [name for name in described["components"]["schemas"] if name.endswith("Query")]


async def test_answers_are_as_the_document_says(client: Client, context: Context, described: dict[str, Any]) -> None:
    components = described["components"]
    posted = await client.post("/api/notes/notes", json={"title": "t"}, headers=bearer("me"))
    listed = await client.get("/api/notes/notes", headers=bearer("me"))
    for answer, method in ((posted, "post"), (listed, "get")):
        content = operation(described, method, "/api/notes/notes")["responses"][str(answer.status)]["content"]
        schema = {**content["application/json"]["schema"], "components": components}
        jsonschema.validate(await answer.json(), schema)
    refused = await client.post("/api/notes/notes", json={"title": 1}, headers=bearer("me"))
    schema = {"$ref": "#/components/schemas/ProblemDetails", "components": components}
    jsonschema.validate(await refused.json(content_type=None), schema)
    assert context.seen
