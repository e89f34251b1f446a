"""The public contract of the bus: no free text in any event, and no breaking change without a new version."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import Field, create_model

from infra.docs.events.generate import DOCS, breaks, documents, main, write
from infra.docs.events.schemas import breaking_changes, schema_of, schemas
from shared.events.catalogue import EVENTS
from shared.events.catalogue.chat import TurnCompleted
from shared.events.data import EventData
from shared.events.envelope import Envelope
from tests.fakes.clock import FakeClock
from tests.fakes.example_events import conversation_created, model_invoked

PROSE = ["two words", "someone@example.com", "x" * 200, "line\nbreak", "말씀", ""]
# Names of fields that usually contain text. `input_tokens` is allowed: only whole names and last words are compared.
TEXT_NAMES = {
    *("title", "name", "email", "mail", "text", "prompt", "answer", "content", "body", "instruction", "instructions"),
    *("comment", "description", "message", "input", "output", "query", "url", "filename", "secret", "password"),
}
SCALARS = {"integer", "boolean", "null"}


def schema_name(event: type[EventData]) -> str:
    return event.dataschema()


def strings(schema: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every string of a schema with its path; fail for a schema that could contain any value."""
    if "anyOf" in schema:
        for option in schema["anyOf"]:
            yield from strings(option, path)
    elif schema.get("type") == "array":
        yield from strings(schema["items"], f"{path}[]")
    elif schema.get("type") == "string" or "enum" in schema or "const" in schema:
        yield path, schema
    else:
        assert schema.get("type") in SCALARS, f"{path} could carry anything"


def assert_no_text(event: type[EventData]) -> None:
    for name, field in event.model_json_schema()["properties"].items():
        assert name not in TEXT_NAMES, name
        assert name.rpartition("_")[2] not in TEXT_NAMES, name
        for path, schema in strings(field, name):
            if "enum" in schema or "const" in schema or schema.get("format") == "date-time":
                continue
            assert "pattern" in schema, f"{path} is free text"
            accepted = [prose for prose in PROSE if re.search(schema["pattern"], prose)]
            assert not accepted, f"{path} takes {accepted}"


@pytest.mark.parametrize("event", EVENTS, ids=schema_name)
def test_no_event_can_contain_free_text(event: type[EventData]) -> None:
    assert_no_text(event)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("bot_title", (str, Field(pattern="^[a-z]{1,9}$"))),
        ("remark", (str, ...)),
        ("remark", (str | None, None)),
        ("remarks", (list[str], ...)),
        ("remark", (str, Field(pattern=r"^.{1,20}$"))),
        ("extra", (dict[str, str], ...)),
        ("extra", (Any, ...)),
    ],
)
def test_the_check_finds_a_field_with_free_text(name: str, kind: Any) -> None:
    with_text = create_model("WithText", __base__=EventData, **{name: kind})
    with pytest.raises(AssertionError):
        assert_no_text(with_text)


@pytest.mark.parametrize("event", EVENTS, ids=schema_name)
def test_every_event_is_documented_and_named_after_its_service(event: type[EventData]) -> None:
    assert event.__doc__ != EventData.__doc__
    assert event.event_type.split(".")[0] == event.__module__.rpartition(".")[2]
    assert event.version >= 1


def test_event_names_and_versions_are_unique() -> None:
    assert len({event.dataschema() for event in EVENTS}) == len(EVENTS)


@pytest.mark.parametrize("name", sorted(documents()))
def test_the_published_documents_are_those_of_the_catalogue(name: str) -> None:
    """After a change of an event: `make docs`."""
    assert (DOCS / name).read_text(encoding="utf-8") == documents()[name]


def test_no_published_event_has_a_breaking_change() -> None:
    assert breaks(DOCS) == []


@pytest.mark.parametrize("name", sorted(schemas()))
def test_a_published_schema_is_a_json_schema(name: str) -> None:
    Draft202012Validator.check_schema(json.loads((DOCS / "events" / name).read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "envelope", [conversation_created(FakeClock()), model_invoked(FakeClock())], ids=lambda e: e.type
)
def test_events_validate_against_the_published_schemas(envelope: Envelope) -> None:
    detail = envelope.model_dump(mode="json")
    Draft202012Validator(schemas()["envelope.json"]).validate(detail)
    Draft202012Validator(schemas()[f"{envelope.type}.v1.json"]).validate(detail["data"])


def test_every_reference_of_the_asyncapi_document_can_be_resolved() -> None:
    document = json.loads((DOCS / "events" / "asyncapi.json").read_text(encoding="utf-8"))
    assert document["asyncapi"] == "3.0.0"
    references = re.findall(r'"\$ref": ?"#/([^"]+)"', json.dumps(document))
    assert len(references) > len(EVENTS)
    for reference in references:
        node = document
        for step in reference.split("/"):
            node = node[step]
    assert document["components"]["messages"].keys() == {f"{e.event_type}.v{e.version}" for e in EVENTS}


class TestBreakingChanges:
    """Changes of a published schema that break its consumers."""

    @staticmethod
    def changed(**properties: Any) -> dict[str, Any]:
        schema = schema_of(TurnCompleted)
        return {**schema, "properties": {**schema["properties"], **properties}}

    def test_a_removed_field_is_a_breaking_change(self) -> None:
        schema = schema_of(TurnCompleted)
        del schema["properties"]["stop_reason"]
        schema["required"].remove("stop_reason")
        assert breaking_changes(schema_of(TurnCompleted), schema) == ["stop_reason is gone"]

    def test_another_type_is_a_breaking_change(self) -> None:
        changed = self.changed(attempt={"type": "string", "pattern": "^[0-9]$"})
        assert breaking_changes(schema_of(TurnCompleted), changed) == ["attempt is another type"]

    def test_a_nullable_field_is_a_breaking_change(self) -> None:
        ended = schema_of(TurnCompleted)["properties"]["ended_at"]
        changed = self.changed(ended_at={"anyOf": [ended, {"type": "null"}]})
        assert breaking_changes(schema_of(TurnCompleted), changed) == ["ended_at is another type"]

    def test_a_new_required_field_is_a_breaking_change(self) -> None:
        changed = self.changed(region={"type": "integer"})
        changed["required"] = [*changed["required"], "region"]
        assert breaking_changes(schema_of(TurnCompleted), changed) == ["region is required now"]

    def test_a_field_that_became_optional_is_a_breaking_change(self) -> None:
        changed = self.changed()
        changed["required"] = [name for name in changed["required"] if name != "ended_at"]
        assert breaking_changes(schema_of(TurnCompleted), changed) == ["ended_at may be absent now"]

    def test_a_removed_enum_value_is_a_breaking_change(self) -> None:
        changed = self.changed(principal_kind={"enum": ["user"], "type": "string"})
        assert breaking_changes(schema_of(TurnCompleted), changed) == ["principal_kind is another type"]

    def test_a_removed_field_of_the_actor_is_a_breaking_change(self) -> None:
        envelope = schemas()["envelope.json"]
        changed = json.loads(json.dumps(envelope))
        del changed["$defs"]["Actor"]["properties"]["kind"]
        assert "Actor: kind is gone" in breaking_changes(envelope, changed)

    def test_optional_fields_new_enum_values_and_descriptions_are_allowed(self) -> None:
        kinds = {"enum": ["user", "machine", "service", "guest"], "type": "string", "description": "new text"}
        changed = self.changed(region={"type": "integer"}, principal_kind=kinds)
        assert breaking_changes(schema_of(TurnCompleted), changed) == []

    def test_an_event_without_a_published_version_is_a_breaking_change(self, tmp_path: Path) -> None:
        write(tmp_path)
        (tmp_path / "events" / "chat.turn.paused.v1.json").write_text("{}")
        assert breaks(tmp_path) == ["chat.turn.paused.v1.json: no version of the event is published any more"]

    def test_the_schema_of_an_earlier_version_is_kept(self, tmp_path: Path) -> None:
        write(tmp_path)
        (tmp_path / "events" / "chat.turn.completed.v0.json").write_text("{}")
        assert main(tmp_path) == 0
        assert (tmp_path / "events" / "chat.turn.completed.v0.json").exists()

    def test_a_breaking_change_does_not_overwrite_the_published_schema(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write(tmp_path)
        published = tmp_path / "events" / "chat.turn.completed.v1.json"
        before = json.loads(published.read_text())
        before["properties"]["mood"] = {"type": "integer"}
        published.write_text(json.dumps(before))
        assert main(tmp_path) == 1
        assert "chat.turn.completed.v1.json: mood is gone" in capsys.readouterr().err
        assert json.loads(published.read_text()) == before
