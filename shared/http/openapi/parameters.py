"""What an operation takes beside its body."""

from typing import Any, Final

from shared.http.app.limits import IDEMPOTENCY_KEY_MAX, LAST_EVENT_ID_MAX
from shared.http.app.routes import Route
from shared.http.wire.headers import IDEMPOTENCY_KEY, IF_MATCH, LAST_EVENT_ID

_KEY_SCHEMA: Final = {"type": "string", "minLength": 1, "maxLength": IDEMPOTENCY_KEY_MAX, "pattern": "^[ -~]+$"}
_TAG_SCHEMA: Final = {"type": "string", "pattern": r'^("[!#-~]{0,64}"|\*)$'}
_POSITION_SCHEMA: Final = {"type": "string", "maxLength": LAST_EVENT_ID_MAX, "pattern": "^[ -~]*$"}


def parameters(route: Route, query: dict[str, Any]) -> list[dict[str, Any]]:
    """`query`: the JSON Schema of the route's query model, or nothing."""
    found = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": pattern}}
        for name, pattern in route.parameters.items()
    ]
    required = query.get("required", [])
    found += [_query(name, schema, name in required) for name, schema in query.get("properties", {}).items()]
    if route.idempotent:
        about = "Your own name for this request; the same key again is the same request. Kept for 24 hours."
        found.append(_header(IDEMPOTENCY_KEY, _KEY_SCHEMA, about, required=route.idempotent == "required"))
    if route.if_match:
        about = "The ETag of the version that you read."
        found.append(_header(IF_MATCH, _TAG_SCHEMA, about, required=route.if_match == "required"))
    if route.streams:
        about = "Go on after this id of the stream."
        found.append(_header(LAST_EVENT_ID, _POSITION_SCHEMA, about, required=False))
    return found


def _header(name: str, schema: dict[str, Any], about: str, *, required: bool) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "schema": schema, "description": about}


def _query(name: str, schema: dict[str, Any], required: bool) -> dict[str, Any]:
    parameter: dict[str, Any] = {"name": name, "in": "query", "required": required}
    if "description" in schema:
        parameter["description"] = schema["description"]
    parameter["schema"] = _without_null({key: value for key, value in schema.items() if key != "description"})
    return parameter


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """An absent parameter is absent; nobody can send null in a query."""
    if "anyOf" not in schema:
        return schema
    kept = [each for each in schema["anyOf"] if each != {"type": "null"}]
    rest = {
        key: value
        for key, value in schema.items()
        if key not in {"anyOf", "default"} or value not in (None, schema["anyOf"])
    }
    rest.pop("anyOf", None)
    return {**rest, **kept[0]} if len(kept) == 1 else {**rest, "anyOf": kept}
