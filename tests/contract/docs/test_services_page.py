"""docs/services.md agrees with the code of each service."""

import re
from typing import Final

import pytest

from infra.deploy.stack_names import SERVICES
from services.agents.tools import TOOLS
from shared.http.app.limits import RequestLimits
from tests.contract.docs.service_code import ROOT, ServiceCode

PAGE: Final = (ROOT / "docs/services.md").read_text(encoding="utf-8")
SECTIONS: Final = {text.splitlines()[0]: text for text in PAGE.split("\n## ")[1:]}
NOT_BUILT: Final = {
    "chat": {
        "bots in a turn": "bot",
        "knowledge in a turn": "knowledge|retriev|passage|citation",
        "attachments": "attachment",
        "feedback": "feedback",
        "search of conversations": "search",
    },
    "bots": {
        "sharing": "shar(e|ing)",
        "store": "store",
        "stars": r"\bstar(s|red)?\b|starring",
        "publications": "publication",
        "API keys": "api_?key",
    },
    "ingest": {
        "files": "file|upload",
        "syncs": r"(?<!a)sync",
        "documents": "document",
        "chunks": "chunk",
        "search": "search",
    },
    "agents": {"MCP servers": "mcp"},
    "analytics": {
        "budgets": "budget",
        "roll-ups": "roll_?up",
        "reports for administrators": "admin",
        "audit trail": "audit",
    },
}
"""Features that the page may call missing, and a pattern of the names that their code would have."""


def field(service: str, name: str) -> str:
    found = re.search(rf"^\* \*\*{name}:\*\*(.*?)(?=^\* \*\*|^\S|\n\n|\Z)", SECTIONS[service], re.MULTILINE | re.DOTALL)
    assert found, f"{service} has no line `{name}`"
    return found[1].strip()


def code_marks(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


def routes_of_page(service: str) -> set[tuple[str, str]]:
    rows = re.findall(r"^ *\* `([A-Z·]+) (/api/[^`?]+)", field(service, "Routes"), re.MULTILINE)
    return {(method, path) for methods, path in rows for method in methods.split("·")}


def test_every_service_has_a_section() -> None:
    assert tuple(SECTIONS)[: len(SERVICES)] == SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_the_routes_are_those_of_the_openapi_document(service: str) -> None:
    assert routes_of_page(service) == ServiceCode(service).routes


@pytest.mark.parametrize("service", SERVICES)
def test_the_internal_routes_are_documented(service: str) -> None:
    found = set(re.findall(r"`GET (/internal/[^`]+)`", field(service, "Routes")))
    assert found == ServiceCode(service).internal_routes


@pytest.mark.parametrize("service", SERVICES)
def test_the_events_are_those_that_the_code_publishes_and_consumes(service: str) -> None:
    code = ServiceCode(service)
    assert code_marks(field(service, "Publishes")) == code.published
    assert code_marks(field(service, "Consumes events")) == code.consumed


@pytest.mark.parametrize("service", SERVICES)
def test_the_commands_are_those_that_the_code_receives(service: str) -> None:
    assert code_marks(field(service, "Consumes commands")) == ServiceCode(service).commands


@pytest.mark.parametrize("service", SERVICES)
def test_the_roles_are_those_of_the_template(service: str) -> None:
    assert set(field(service, "Roles").split(", ")) == ServiceCode(service).roles


@pytest.mark.parametrize("service", SERVICES)
def test_a_feature_called_missing_has_no_code(service: str) -> None:
    missing = [each.strip() for each in " ".join(field(service, "Not built yet").split()).split(";")]
    assert set(missing) == NOT_BUILT[service].keys()
    names = ServiceCode(service).names
    built = {item: name for item in missing for name in names if re.search(NOT_BUILT[service][item], name)}
    assert built == {}


def test_every_tool_is_documented() -> None:
    assert {name for name in TOOLS if f"`{name}`" not in SECTIONS["agents"]} == set()


def test_the_rate_limit_is_documented_with_its_numbers() -> None:
    assert f"a burst of {RequestLimits().burst}, then {RequestLimits().requests_per_s:g} a second" in " ".join(
        PAGE.split()
    )
