"""docs/services.md says what each service does today: a route or an event that it leaves out fails here."""

import json
from pathlib import Path

import pytest

from shared.events.catalogue.agents import ToolCallCompleted, ToolCallFailed
from shared.events.catalogue.bots import BotCreated, BotDeleted, BotShared, BotUpdated

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/services.md").read_text()
ROWS = {
    line.split("|")[1].strip(): line for line in PAGE.splitlines() if line.startswith("| ") and "service |" not in line
}
OPERATIONS = {"health", "ready", "openapi.json"}


def test_every_service_has_a_row() -> None:
    assert set(ROWS) == {"chat", "bots", "ingest", "agents", "analytics"}


@pytest.mark.parametrize("service", sorted(set(ROWS) - {"chat"}))
def test_every_route_is_named(service: str) -> None:
    document = json.loads((ROOT / f"docs/openapi/{service}.json").read_text())
    paths = {path for path in document["paths"] if path.rpartition("/")[2] not in OPERATIONS}
    assert paths
    assert {path for path in paths if f" {path}" not in ROWS[service]} == set()


def test_chats_routes_are_in_its_document() -> None:
    assert "openapi/chat.json" in ROWS["chat"]


def test_what_bots_tells_is_named() -> None:
    source = (ROOT / "services/bots/telling.py").read_text()
    told = {event.event_type for event in (BotCreated, BotUpdated, BotDeleted, BotShared) if event.__name__ in source}
    assert len(told) == 3
    assert all(f"`{event_type}`" in ROWS["bots"] for event_type in told)


def test_what_agents_tells_is_named() -> None:
    assert all(f"`{event.event_type}`" in ROWS["agents"] for event in (ToolCallCompleted, ToolCallFailed))
