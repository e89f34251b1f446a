"""Agents as a process: a tool runs, and its record has neither input nor output."""

import pytest
from pydantic import SecretStr

from shared.identity import Principal
from shared.identity.internal_tokens import InternalTokens
from tests.clients import Person
from tests.stack import DeployedAws
from tests.system import SECRETS, Process


def test_the_calculator_runs_and_is_recorded(
    processes: dict[str, Process], tokens: dict[str, str], embedded_aws: DeployedAws
) -> None:
    person = Person(processes["agents"].url, tokens["user"])
    body = {"input": {"expression": "round(1250 * 1.07^10, 2)"}}
    outcome = person.call("POST", "/api/agents/tools/calculator/try", body).json
    assert outcome["output"] == {"result": "2458.94", "exact": True}
    call = outcome["call"]["id"]
    assert person.call("GET", f"/api/agents/calls/{call}").json == outcome["call"]
    assert Person(person.url, tokens["maker"]).call("GET", f"/api/agents/calls/{call}").problem == "not-found"
    row = embedded_aws.client("dynamodb").get_item(
        TableName=embedded_aws.outputs("agents")["Table"], Key={"pk": {"S": f"CALL#{call}"}, "sk": {"S": "CALL"}}
    )["Item"]
    assert row["state"]["S"] == "succeeded"
    assert "1250" not in str(row)
    assert "2458.94" not in str(row)


def test_another_service_can_list_the_tools(processes: dict[str, Process]) -> None:
    chat = InternalTokens("chat", SecretStr(SECRETS["COLLOQUY_INTERNAL_TOKEN_SECRET"]))
    caller = Person(processes["agents"].url, chat.sign("agents", Principal("chat", "service")))
    (calculator,) = caller.call("GET", "/internal/agents/tools").json["items"]
    assert calculator["name"] == "calculator"
    assert calculator["input_schema"]["required"] == ["expression"]


@pytest.mark.parametrize("kind", ["a person's", "for another service", "with another secret"])
def test_other_tokens_are_refused_on_the_internal_route(
    processes: dict[str, Process], tokens: dict[str, str], kind: str
) -> None:
    chat = InternalTokens("chat", SecretStr(SECRETS["COLLOQUY_INTERNAL_TOKEN_SECRET"]))
    stranger = InternalTokens("chat", SecretStr("a secret that no service of this system knows"))
    token = {
        "a person's": tokens["user"],
        "for another service": chat.sign("bots", Principal("chat", "service")),
        "with another secret": stranger.sign("agents", Principal("chat", "service")),
    }[kind]
    assert Person(processes["agents"].url, token).call("GET", "/internal/agents/tools").problem == "unauthenticated"


def test_an_internal_token_is_refused_on_the_public_route(processes: dict[str, Process]) -> None:
    chat = InternalTokens("chat", SecretStr(SECRETS["COLLOQUY_INTERNAL_TOKEN_SECRET"]))
    caller = Person(processes["agents"].url, chat.sign("agents", Principal("chat", "service")))
    assert caller.call("GET", "/api/agents/tools").problem == "unauthenticated"
