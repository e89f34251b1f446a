"""The documents in docs/openapi are those of the services, and valid OpenAPI 3.1."""

import json

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from infra.docs.openapi import FOLDER, SERVICES, document, to_json


@pytest.mark.parametrize("service", SERVICES)
async def test_the_committed_document_is_that_of_the_service(service: str) -> None:
    committed = (FOLDER / f"{service}.json").read_text()
    assert committed == to_json(await document(service)), "run `make openapi` and commit what it writes"


@pytest.mark.parametrize("service", SERVICES)
def test_the_document_is_valid(service: str) -> None:
    OpenAPIV31SpecValidator(json.loads((FOLDER / f"{service}.json").read_text())).validate()


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_has_summary_security_and_problems(service: str) -> None:
    found = json.loads((FOLDER / f"{service}.json").read_text())
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert "security" in operation, where
            if operation["security"]:
                assert "401" in operation["responses"], where
