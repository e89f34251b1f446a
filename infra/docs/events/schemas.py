"""JSON Schemas of the catalogue, and the check that a change does not break readers of a published one."""

from typing import Any, Final

from shared.events.catalogue import EVENTS
from shared.events.data import EventData
from shared.events.envelope import Envelope

Schema = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_ANNOTATIONS: Final = frozenset({"title", "description", "default", "examples"})


def file_name(event: type[EventData]) -> str:
    return f"{event.event_type}.v{event.version}.json"


def schema_of(event: type[EventData]) -> Schema:
    return {"$schema": DIALECT, "$id": event.dataschema(), **event.model_json_schema()}


def schemas() -> dict[str, Schema]:
    """Every schema by the name of its file: the envelope's, then one for each event in its current version."""
    envelope = {"$schema": DIALECT, "$id": "envelope/1", **Envelope.model_json_schema()}
    return {"envelope.json": envelope} | {file_name(event): schema_of(event) for event in EVENTS}


def breaking_changes(published: Schema, current: Schema) -> list[str]:
    """The changes that break a reader or a writer of the published schema; empty when there are none.

    Optional fields may be added, and an enumeration may grow (a reader that does not know the value dead-letters the
    event, so consumers are deployed first). Every other change needs a new version.
    """
    old, new = published.get("properties", {}), current.get("properties", {})
    found = [f"{name} is gone" for name in old if name not in new]
    found += [
        f"{name} is another type"
        for name in old
        if name in new and not _still_valid(_shape(old[name]), _shape(new[name]))
    ]
    required_before, required_now = set(published.get("required", [])), set(current.get("required", []))
    found += [f"{name} is required now" for name in sorted(required_now - required_before)]
    found += [f"{name} may be absent now" for name in sorted((required_before - required_now) & new.keys())]
    for name, definition in published.get("$defs", {}).items():
        inner = current.get("$defs", {}).get(name, {})
        found += [f"{name}: {change}" for change in breaking_changes(definition, inner)]
    return found


def _shape(schema: Any) -> Any:
    """The schema without titles, descriptions, defaults and examples."""
    if isinstance(schema, dict):
        return {key: _shape(value) for key, value in schema.items() if key not in _ANNOTATIONS}
    if isinstance(schema, list):
        return [_shape(each) for each in schema]
    return schema


def _still_valid(old: Any, new: Any) -> bool:
    """Whether both are equal, except for enumerations that have grown."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(
            set(old[key]) <= set(new[key]) if key == "enum" else _still_valid(old[key], new[key]) for key in old
        )
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(_still_valid(*pair) for pair in zip(old, new, strict=True))
    return bool(old == new)
