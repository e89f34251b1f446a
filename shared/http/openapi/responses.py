"""Responses of an OpenAPI operation: its results, and every problem that follows from the route's declaration."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from shared.http.app.routes import EventStream, Route
from shared.http.problems.details import MEDIA_TYPE, ProblemDetails, problem_details
from shared.http.problems.statuses import STATUSES
from shared.problems import KINDS, ProblemKind, problem

HEADERS: Final = {
    "RequestId": {"description": "Names this request in logs and problems.", "schema": {"type": "string"}},
    "RetryAfter": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}},
    "Challenge": {"description": "How to authenticate.", "schema": {"type": "string"}},
}
_RETRY_AFTER: Final = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}
_EXAMPLE: Final = "req_example"
_CHALLENGE: Final = {"WWW-Authenticate": {"$ref": "#/components/headers/Challenge"}}
_REQUEST_ID: Final = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}

_STREAM_EVENT: Final = {
    "description": "One event; a stream is many.",
    "type": "object",
    "properties": {
        "id": {"description": "Send the last one as `Last-Event-ID` to go on behind it.", "type": "string"},
        "event": {"type": "string"},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
}


def problem_slugs(route: Route) -> list[str]:
    """Every problem that this route can answer with; most follow from its declaration."""
    return list(dict.fromkeys([*_caller_problems(route), *_input_problems(route), *route.problems, "internal-error"]))


def _caller_problems(route: Route) -> list[str]:
    if route.rule.audience == "anyone":
        return []
    slugs = ["unauthenticated", "service-unavailable"]
    if route.counted:
        slugs.append("rate-limited")
    if route.rule.group:
        slugs.append("forbidden")
    return slugs


def _input_problems(route: Route) -> list[str]:
    slugs = ["malformed-request"]
    if route.parameters:
        slugs.append("not-found")
    if route.body is not None:
        slugs += ["malformed-json", "request-timeout", "payload-too-large", "unsupported-media-type"]
    if route.query is not None and "cursor" in route.query.model_fields:
        slugs.append("invalid-cursor")
    if route.idempotent:
        slugs.append("idempotency-key-reused")
    if route.idempotent == "required":
        slugs.append("idempotency-key-missing")
    if route.if_match:
        slugs.append("precondition-failed")
    if route.if_match == "required":
        slugs.append("precondition-required")
    if route.body or route.query or route.idempotent or route.if_match or route.streams:
        slugs.append("invalid-request")
    return slugs


def responses(route: Route, refs: Mapping[Any, dict[str, Any]]) -> dict[str, Any]:
    """By status; one status may stand for several problems."""
    found = {str(status): _success_response(status, model, refs) for status, model in route.returns.items()}
    by_status: dict[int, list[ProblemKind]] = {}
    for slug in problem_slugs(route):
        by_status.setdefault(STATUSES[slug], []).append(KINDS[slug])
    for status, kinds in sorted(by_status.items()):
        response = _problem_response(status, kinds, refs)
        result = found.get(str(status))
        if result:
            response["content"] |= result.get("content", {})
        found[str(status)] = response
    return found


def _success_response(status: int, model: Any, refs: Mapping[Any, dict[str, Any]]) -> dict[str, Any]:
    response: dict[str, Any] = {"description": HTTPStatus(status).phrase, "headers": dict(_REQUEST_ID)}
    if model is EventStream:
        response["description"] = "Server-sent events, with a comment every 15 s of silence."
        response["content"] = {"text/event-stream": {"schema": _STREAM_EVENT}}
    elif model is not None:
        response["content"] = {"application/json": {"schema": refs[model, "serialization"]}}
    return response


def _problem_response(status: int, kinds: list[ProblemKind], refs: Mapping[Any, dict[str, Any]]) -> dict[str, Any]:
    headers = dict(_REQUEST_ID)
    if any(kind.retry_after_s is not None for kind in kinds):
        headers |= _RETRY_AFTER
    if status == HTTPStatus.UNAUTHORIZED:
        headers |= _CHALLENGE
    return {
        "description": "; ".join(f"{kind.title} (`{kind.slug}`)" for kind in kinds),
        "headers": headers,
        "content": {
            MEDIA_TYPE: {
                "schema": refs[ProblemDetails, "serialization"],
                "examples": {each.slug: {"value": problem_details(problem(each.slug), _EXAMPLE)} for each in kinds},
            }
        },
    }
