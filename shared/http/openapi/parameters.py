"""Parameters of an OpenAPI operation: path, query and headers."""

from typing import Any, Final

from shared.http.app.limits import IDEMPOTENCY_KEY_MAX, LAST_EVENT_ID_MAX
from shared.http.app.routes import Route
from shared.http.wire.headers import IDEMPOTENCY_KEY, IF_MATCH, LAST_EVENT_ID

_KEY_SCHEMA: Final = {"type": "string", "minLength": 1, "maxLength": IDEMPOTENCY_KEY_MAX, "pattern": "^[ -~]+$"}
_TAG_SCHEMA: Final = {"type": "string", "pattern": r'^("[!#-~]{0,64}"|\*)$'}
_POSITION_SCHEMA: Final = {"type": "string", "maxLength": LAST_EVENT_ID_MAX, "pattern": "^[ -~]*$"}


def parameters(route: Route, query: dict[str, Any]) -> list[dict[str, Any]]:
    """`query`: the JSON Schema of the route's query model; empty when it has none."""
    found = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": pattern}}
        for name, pattern in route.parameters.items()
    ]
    required = query.get("required", [])
    found += [_query_parameter(name, schema, name in required) for name, schema in query.get("properties", {}).items()]
    if route.idempotent:
        description = "Your own name for this request; the same key again is the same request. Kept for 24 hours."
        found.append(
            _header_parameter(IDEMPOTENCY_KEY, _KEY_SCHEMA, description, required=route.idempotent == "required")
        )
    if route.if_match:
        description = "The ETag of the version that you read."
        found.append(_header_parameter(IF_MATCH, _TAG_SCHEMA, description, required=route.if_match == "required"))
    if route.streams:
        description = "Go on after this id of the stream."
        found.append(_header_parameter(LAST_EVENT_ID, _POSITION_SCHEMA, description, required=False))
    return found


def _header_parameter(name: str, schema: dict[str, Any], description: str, *, required: bool) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "schema": schema, "description": description}


def _query_parameter(name: str, schema: dict[str, Any], required: bool) -> dict[str, Any]:
    parameter: dict[str, Any] = {"name": name, "in": "query", "required": required}
    if "description" in schema:
        parameter["description"] = schema["description"]
    parameter["schema"] = _without_null_type({key: value for key, value in schema.items() if key != "description"})
    return parameter


def _without_null_type(schema: dict[str, Any]) -> dict[str, Any]:
    """An optional parameter is left out; a query cannot hold null."""
    if "anyOf" not in schema:
        return schema
    options = [each for each in schema["anyOf"] if each != {"type": "null"}]
    rest = {
        key: value
        for key, value in schema.items()
        if key not in {"anyOf", "default"} or value not in (None, schema["anyOf"])
    }
    rest.pop("anyOf", None)
    return {**rest, **options[0]} if len(options) == 1 else {**rest, "anyOf": options}
