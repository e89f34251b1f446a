"""Fuzzing with schemathesis: no request gets a 5xx, and every response fits the OpenAPI document."""

import json
from functools import cache
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from infra.docs.openapi import FOLDER, SERVICES
from tests.clients import Person
from tests.integration.whole_system.conftest import USERS
from tests.system import Process, System

EXAMPLES = 50
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPERATIONS = [
    (service, method, path)
    for service in SERVICES
    for path, operations in json.loads((FOLDER / f"{service}.json").read_text())["paths"].items()
    for method in operations
]


@cache
def contract(service: str) -> Any:
    return schemathesis.openapi.from_path(FOLDER / f"{service}.json")


@pytest.fixture(scope="module")
def existing(whole_system: System, services: dict[str, Process]) -> dict[str, dict[str, str]]:
    """Ids of existing resources of each user, so that not every response is a 404."""
    found: dict[str, dict[str, str]] = {}
    for user in USERS:
        person = Person(services["chat"].url, whole_system.token(user))
        conversation = person.open_conversation()
        started = next(person.ask(conversation, "Hello", model="scripted.fast"))[2]
        found[user] = {
            "conversation_id": conversation,
            "turn_id": started["turn_id"],
            "user_message_id": started["user_message_id"],
        }
    return found


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize(("service", "method", "path"), OPERATIONS)
def test_any_request_gets_a_documented_response_and_no_5xx(  # noqa: PLR0917 - a row of the table
    whole_system: System,
    services: dict[str, Process],
    existing: dict[str, dict[str, str]],
    user: str,
    service: str,
    method: str,
    path: str,
) -> None:
    operation: Any = contract(service)[path][method.upper()]
    known = {name: value for name, value in existing[user].items() if f"{{{name}}}" in path}
    cases = [operation.as_strategy(), operation.as_strategy(GenerationMode.NEGATIVE)]
    if known:
        cases.append(operation.as_strategy(path_parameters=known))
    token = whole_system.token(user)

    @given(case=st.one_of(*cases))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def send(case: Case) -> None:
        case.call_and_validate(
            base_url=services[service].url,
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            checks=CHECKS,
            timeout=20,
        )

    send()
