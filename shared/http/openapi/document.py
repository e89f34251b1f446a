"""The OpenAPI 3.1 document of a service, built from its routes."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from shared.http.app.routes import Route
from shared.http.openapi.parameters import parameters
from shared.http.openapi.responses import HEADERS, responses
from shared.http.problems.details import ProblemDetails

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_SECURITY: Final = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An ID token of the user pool.",
    }
}
Refs = Mapping[Any, dict[str, Any]]  # (model, mode) to its `$ref`


def document(service: str, routes: Sequence[Route], *, version: str) -> dict[str, Any]:
    """The document: all routes except those that only other services may call."""
    public_routes = [route for route in routes if route.rule.audience != "services"]
    refs, schemas = _schemas(public_routes)
    queries: set[str] = set()
    paths: dict[str, dict[str, Any]] = {}
    for route in public_routes:
        query: dict[str, Any] = {}
        if route.query is not None:
            name = refs[route.query, "validation"]["$ref"].rsplit("/", 1)[1]
            queries.add(name)
            query = schemas[name]
        paths.setdefault(route.template, {})[route.method.lower()] = _operation(service, route, query, refs)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": _DIALECT,
        "info": {"title": f"Colloquy {service}", "version": version, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {name: schema for name, schema in sorted(schemas.items()) if name not in queries},
            "headers": HEADERS,
            "securitySchemes": _SECURITY,
        },
    }


def _schemas(routes: Sequence[Route]) -> tuple[Refs, dict[str, Any]]:
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(ProblemDetails, "serialization"): None}
    for route in routes:
        inputs = (model for model in (route.body, route.query) if model is not None)
        wanted |= {(model, "validation"): None for model in inputs}
        outputs = (model for model in route.returns.values() if model is not None and issubclass(model, BaseModel))
        wanted |= {(model, "serialization"): None for model in outputs}
    refs, definitions = models_json_schema(list(wanted), ref_template="#/components/schemas/{model}")
    return refs, definitions["$defs"]


def _operation(service: str, route: Route, query: dict[str, Any], refs: Refs) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": list(route.tags) or [service],
        "parameters": parameters(route, query),
        "responses": responses(route, refs),
        "security": [] if route.rule.audience == "anyone" else [{"bearer": []}],
        "x-rule": route.rule.name,
    }
    if route.description:
        operation["description"] = route.description
    if route.body is not None:
        operation["requestBody"] = {
            "required": not route.body_optional,
            "content": {"application/json": {"schema": refs[route.body, "validation"]}},
        }
    return operation
