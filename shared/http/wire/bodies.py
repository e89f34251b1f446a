"""Reads and parses the body, query and path of a request, within limits."""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from aiohttp import web
from pydantic import BaseModel, ValidationError

from shared.http.app.limits import PATH_MAX, QUERY_MAX, RequestLimits
from shared.http.app.routes import Route
from shared.http.wire.strict_json import parse
from shared.http.wire.validation import body_problem, query_problem
from shared.problems import problem


async def parse_body(http: web.Request, route: Route, limits: RequestLimits) -> tuple[BaseModel | None, str]:
    """The body's model and hash; (None, "") where the route has none. Raises 400, 408, 413, 415 and 422 problems."""
    if route.body is None:
        return None, ""
    raw = b""
    if http.body_exists or not route.body_optional:
        _check_media_type(http)
        raw = await _read(http, route.body_bytes or limits.body_bytes, limits.body_read_s)
    if not raw and route.body_optional:
        raw = b"{}"
    document = parse(raw)
    try:
        model = route.body.model_validate(document, strict=True)
    except ValidationError as error:
        raise body_problem(error, document) from error
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return model, hashlib.sha256(canonical.encode()).hexdigest()


def _check_media_type(http: web.Request) -> None:
    is_json = http.content_type == "application/json" or http.content_type.endswith("+json")
    is_utf8 = (http.charset or "utf-8").lower() in {"utf-8", "utf8", "us-ascii"}
    if not (is_json and is_utf8) or http.headers.get("Content-Encoding", "identity") != "identity":
        raise problem("unsupported-media-type", "Send application/json in UTF-8.")


async def _read(http: web.Request, limit: int, seconds: float) -> bytes:
    too_large = problem("payload-too-large", f"The body may have {limit} bytes.")
    if (http.content_length or 0) > limit:
        raise too_large
    chunks = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in http.content.iter_any():
                chunks += chunk
                if len(chunks) > limit:
                    raise too_large
    except TimeoutError as error:
        raise problem("request-timeout", f"The body did not arrive within {seconds:g} s.") from error
    except web.RequestPayloadError as error:
        raise problem("malformed-request", "The body broke off or is not framed correctly.") from error
    return bytes(chunks)


def parse_query(http: web.Request, model: type[BaseModel] | None) -> BaseModel | None:
    """The query's model. Raises `invalid-request`, also when a parameter that takes one value is given twice."""
    if model is None:
        return None
    fields: dict[str, Any] = {}
    for name in http.query:
        values = http.query.getall(name)
        fields[name] = values if len(values) > 1 or _is_list(model, name) else values[0]
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise query_problem(error) from error


def _is_list(model: type[BaseModel], name: str) -> bool:
    field = model.model_fields.get(name)
    return field is not None and getattr(field.annotation, "__origin__", None) in {list, tuple, set, frozenset}


def check_address(http: web.Request) -> None:
    """Raises `malformed-request` for a path or query that is too long, not UTF-8 or holds a NUL."""
    for raw, limit in ((http.rel_url.raw_path, PATH_MAX), (http.rel_url.raw_query_string, QUERY_MAX)):
        if len(raw) > limit:
            raise problem("malformed-request", "The address is too long.")
        try:
            decoded = unquote_to_bytes(raw).decode("utf-8")
        except UnicodeError as error:
            raise problem("malformed-request", "The address is not UTF-8.") from error
        if "\0" in decoded:
            raise problem("malformed-request", "The address holds a NUL.")


def path_parameters(http: web.Request, route: Route, patterns: Mapping[str, Any]) -> dict[str, str]:
    """The path's parameters. Raises `not-found` for a value that does not match its pattern."""
    found = {name: http.match_info[name] for name in route.parameters}
    if not all(patterns[name].fullmatch(value) for name, value in found.items()):
        raise problem("not-found")
    return found
