"""The AsyncAPI 3 document of the bus, with one channel per service and one message per event."""

from typing import Any, Final

from pydantic import BaseModel

from infra.docs.events.schemas import Schema
from shared.events.catalogue import EVENTS
from shared.events.data import EventData
from shared.events.envelope import SOURCE_PREFIX, Envelope

_SCHEMAS: Final = "#/components/schemas/"


def asyncapi() -> Schema:
    envelope = Envelope.model_json_schema(ref_template=_SCHEMAS + "{model}")
    schemas: dict[str, Schema] = envelope.pop("$defs", {}) | {"Envelope": envelope}
    for event in EVENTS:
        schema = event.model_json_schema(ref_template=_SCHEMAS + "{model}")
        schemas |= schema.pop("$defs", {}) | {_name(event): schema}
    services = sorted({_service(event) for event in EVENTS})
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Colloquy's events",
            "version": "1.0.0",
            "description": "Delivered at least once, in any order, by EventBridge; the payload is an entry's `detail`.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {service: _channel(service) for service in services},
        "operations": {f"tell.{service}": _operation(service) for service in services},
        "components": {"messages": {_name(event): _message(event) for event in EVENTS}, "schemas": schemas},
    }


def _name(event: type[EventData]) -> str:
    return f"{event.event_type}.v{event.version}"


def _service(event: type[EventData]) -> str:
    return event.event_type.partition(".")[0]


def _events_of(service: str) -> list[type[EventData]]:
    return [event for event in EVENTS if _service(event) == service]


def _ref(path: str) -> dict[str, str]:
    return {"$ref": f"#/{path}"}


def _channel(service: str) -> dict[str, Any]:
    return {
        "address": SOURCE_PREFIX + service,
        "description": f"What {service} tells; the address is EventBridge's Source.",
        "messages": {_name(event): _ref(f"components/messages/{_name(event)}") for event in _events_of(service)},
    }


def _operation(service: str) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": _ref(f"channels/{service}"),
        "messages": [_ref(f"channels/{service}/messages/{_name(event)}") for event in _events_of(service)],
    }


def _message(event: type[EventData]) -> dict[str, Any]:
    properties = {
        "type": {"const": event.event_type},
        "dataschema": {"const": event.dataschema()},
        "data": _ref(f"components/schemas/{_name(event)}"),
    }
    return {
        "name": event.event_type,
        "title": event.__name__,
        "summary": summary(event),
        "payload": {"allOf": [_ref("components/schemas/Envelope"), {"type": "object", "properties": properties}]},
    }


def summary(model: type[BaseModel]) -> str:
    """The model's docstring, on one line."""
    return " ".join((model.__doc__ or "").split())
