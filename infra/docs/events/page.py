"""Generates `docs/events.md`, the page about the catalogue."""

import json
from collections.abc import Iterator
from typing import Any, Final, get_args

from infra.docs.events.asyncapi import summary
from infra.docs.events.schemas import Schema, file_name
from shared.events.catalogue import EVENTS
from shared.events.catalogue.chat import ConversationCreated
from shared.events.data import EventData
from shared.events.envelope import Envelope
from shared.ids import Prefix, id_pattern

_INTRODUCTION: Final = """\
<!-- Written by `python -m infra.docs.events.generate`; change the classes in shared/events/catalogue/ instead. -->
# Events

What the services tell each other, and you: every event below goes over one EventBridge bus. To listen, add a rule
on `source` and `detail-type` that ends in a queue of yours.

* An event comes **at least once**. Use a natural key of its data, or remember its `id`.
* Events come **in any order**. Of two about one `subject` the higher `sequence` is the later.
* **Fields may be added**; ignore what you don't know. Enumerations may grow. Everything else that would break a reader
  is a new version: `dataschema` ends in it, and a test refuses a break without one.
* Events carry ids, versions, states, counts and times, **never words**: who needs a title, a name or a message asks the
  service that owns it.

Schemas for machines: [JSON Schema](events/), [AsyncAPI 3](events/asyncapi.json).
"""

_EXAMPLE: Final = Envelope.model_validate(
    {
        "id": "evt_01KB0V4M9W5Y3T7Q2N8R6J1XCD",
        "source": "colloquy.chat",
        "type": ConversationCreated.event_type,
        "dataschema": ConversationCreated.dataschema(),
        "subject": "conv_01KB0V4M8F2H6Z9P4S7D5A3KEG",
        "sequence": 1,
        "time": "2026-11-23T12:00:00Z",
        "actor": {"kind": "user", "id": "7d0c6f5e-3d0a-4d5f-9f2b-0c1de2a4b6c8"},
        "causation_id": "req_01KB0V4M7QX2B5C8F3G6H9J1MN",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "data": {
            "conversation_id": "conv_01KB0V4M8F2H6Z9P4S7D5A3KEG",
            "owner_id": "7d0c6f5e-3d0a-4d5f-9f2b-0c1de2a4b6c8",
            "bot_id": None,
            "created_at": "2026-11-23T12:00:00Z",
        },
    }
)


def page() -> str:
    return "\n".join([_INTRODUCTION, *_overview(), *_envelope(), *(line for event in EVENTS for line in _event(event))])


def _overview() -> Iterator[str]:
    yield "| event | version | says |"
    yield "|---|---|---|"
    for event in EVENTS:
        yield f"| [`{event.event_type}`](#{_anchor(event)}) | {event.version} | {summary(event)} |"
    yield ""


def _envelope() -> Iterator[str]:
    yield "## The envelope"
    yield ""
    yield f"{summary(Envelope)} It is the `detail` of what your queue gets:"
    yield ""
    yield "```json"
    yield json.dumps(_EXAMPLE.model_dump(mode="json"), indent=2)
    yield "```"
    yield ""
    yield from _fields(Envelope.model_json_schema())


def _event(event: type[EventData]) -> Iterator[str]:
    yield f"## {event.event_type}"
    yield ""
    yield f"{summary(event)} Version {event.version}, [schema](events/{file_name(event)})."
    yield ""
    yield from _fields(event.model_json_schema())


def _fields(schema: Schema) -> Iterator[str]:
    yield "| field | type | meaning |"
    yield "|---|---|---|"
    for name, field in schema["properties"].items():
        meaning = " ".join(field.get("description", "").split())
        yield f"| `{name}` | {_kind(field)} | {meaning} |"
    yield ""


def _kind(field: dict[str, Any]) -> str:
    """A short description of a field's type."""
    match field:
        case {"anyOf": options}:
            kind = " or ".join(_kind(each) for each in options)
        case {"const": value}:
            kind = f"`{value}`"
        case {"enum": values}:
            kind = ", ".join(f"`{value}`" for value in values)
        case {"$ref": _}:
            kind = "`{kind, id}`"
        case {"format": "date-time"}:
            kind = "time"
        case {"pattern": pattern} if _is_id_pattern(pattern):
            kind = f"`{pattern[1:].partition('_')[0]}_…`"
        case {"minimum": least}:
            kind = f"{field['type']} ≥ {least}"
        case _:
            kind = str(field["type"])
    return kind


def _is_id_pattern(pattern: str) -> bool:
    return pattern in {id_pattern(prefix) for prefix in get_args(Prefix)}


def _anchor(event: type[EventData]) -> str:
    return event.event_type.replace(".", "")
