"""Each service as a process: health, readiness, OpenAPI document and stop."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from tests.stack import ROOT, DeployedAws
from tests.system import SECRETS, Process, System

NAMES = ["analytics", "bots", "ingest", "agents"]
ROUTES = {
    "analytics": {"/api/analytics/usage/me"},
    "bots": {
        "/api/bots/bots",
        "/api/bots/bots/{bot_id}",
        "/api/bots/bots/{bot_id}/versions",
        "/api/bots/bots/{bot_id}/versions/{version}",
    },
    "ingest": {"/api/ingest/bots/{bot_id}/sources", "/api/ingest/bots/{bot_id}/sources/{source_id}"},
    "agents": {
        "/api/agents/tools",
        "/api/agents/tools/{name}",
        "/api/agents/tools/{name}/try",
        "/api/agents/calls/{call_id}",
    },
}


@pytest.mark.parametrize("name", NAMES)
def test_a_service_is_healthy_ready_and_has_its_routes_documented(processes: dict[str, Process], name: str) -> None:
    url = f"{processes[name].url}/api/{name}"
    for probe in ("health", "ready"):
        with urllib.request.urlopen(f"{url}/{probe}", timeout=5) as answer:  # noqa: S310
            assert answer.status == 200
    with urllib.request.urlopen(f"{url}/openapi.json", timeout=5) as answer:  # noqa: S310
        document = json.load(answer)
    validate(document)
    operations = {f"/api/{name}/{each}" for each in ("health", "ready", "openapi.json")}
    assert set(document["paths"]) == ROUTES[name] | operations


@pytest.mark.parametrize("name", NAMES)
def test_a_service_ends_with_code_0_after_sigterm(embedded_aws: DeployedAws, tmp_path: Path, name: str) -> None:
    system = System(embedded_aws, tmp_path)
    try:
        assert system.start(name).end() == 0
    finally:
        system.close()


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_role_is_refused(embedded_aws: DeployedAws, name: str) -> None:
    command = [sys.executable, "-m", f"services.{name}", "--roles", "http,unknown"]
    ended = subprocess.run(
        command, cwd=ROOT, env=embedded_aws.environment(name) | SECRETS, capture_output=True, text=True,
        timeout=30, check=False,
    )  # fmt: skip
    assert ended.returncode != 0
    assert f"services.{name} has no role unknown" in ended.stderr
