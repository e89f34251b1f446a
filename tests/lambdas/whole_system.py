"""Access to a system of functions started by `make up`: its AWS, and a signed-in person."""

from typing import Any

from infra.local.aws.deploy import client
from infra.local.seed import token
from infra.local.up.programs import AWS
from infra.local.up.readiness import fetch_json
from infra.local.up.state import State
from tests.clients import Person
from tests.e2e.conftest import LocalSystem


def aws_of(system: LocalSystem) -> str:
    ports: Any = State(system.state).read_note("ports")
    return f"http://127.0.0.1:{ports[AWS]}"


def person_of(system: LocalSystem) -> Person:
    configuration = fetch_json(f"{system.url}/config.json")
    pool = {"UserPoolId": configuration["user_pool_id"], "UserPoolClientId": configuration["user_pool_client_id"]}
    return Person(system.url, token(client("cognito-idp", aws_of(system)), pool, "user@example.com"))
