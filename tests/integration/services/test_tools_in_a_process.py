"""Agents as a process: a tool runs and leaves a record that holds neither question nor answer."""

from tests.clients import Person
from tests.running import Process
from tests.stack import LocalStack


def test_the_calculator_runs_and_is_recorded(
    four: dict[str, Process], tokens: dict[str, str], embedded_aws: LocalStack
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
