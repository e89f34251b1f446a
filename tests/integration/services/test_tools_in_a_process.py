"""Agents as a process: a tool runs and leaves a record that holds neither question nor answer."""

import pytest
from pydantic import SecretStr

from shared.identity import Principal
from shared.identity.internal_tokens import InternalTokens
from tests.clients import Person
from tests.stack import DeployedAws
from tests.system import SECRETS, Process


def test_the_calculator_runs_and_is_recorded(
    four: dict[str, Process], tokens: dict[str, str], embedded_aws: DeployedAws
) -> None:
    person = Person(four["agents"].url, tokens["user"])
    asked = {"input": {"expression": "round(1250 * 1.07^10, 2)"}}
    outcome = person.call("POST", "/api/agents/tools/calculator/try", asked).json
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


def test_another_service_learns_which_tools_there_are(four: dict[str, Process]) -> None:
    chat = InternalTokens("chat", SecretStr(SECRETS["COLLOQUY_INTERNAL_TOKEN_SECRET"]))
    asking = Person(four["agents"].url, chat.sign("agents", Principal("chat", "service")))
    (calculator,) = asking.call("GET", "/internal/agents/tools").json["items"]
    assert calculator["name"] == "calculator"
    assert calculator["input_schema"]["required"] == ["expression"]


@pytest.mark.parametrize("whose", ["a person's", "for another service", "nobody's"])
def test_nobody_else_does_by_that_door(four: dict[str, Process], tokens: dict[str, str], whose: str) -> None:
    chat = InternalTokens("chat", SecretStr(SECRETS["COLLOQUY_INTERNAL_TOKEN_SECRET"]))
    stranger = InternalTokens("chat", SecretStr("a secret that no service of this system knows"))
    token = {
        "a person's": tokens["user"],
        "for another service": chat.sign("bots", Principal("chat", "service")),
        "nobody's": stranger.sign("agents", Principal("chat", "service")),
    }[whose]
    assert Person(four["agents"].url, token).call("GET", "/internal/agents/tools").problem == "unauthenticated"


def test_a_service_does_not_enter_where_people_do(four: dict[str, Process]) -> None:
    chat = InternalTokens("chat", SecretStr(SECRETS["COLLOQUY_INTERNAL_TOKEN_SECRET"]))
    asking = Person(four["agents"].url, chat.sign("agents", Principal("chat", "service")))
    assert asking.call("GET", "/api/agents/tools").problem == "unauthenticated"
