"""Which request meets which fault."""

import json

import pytest

from tests.chaos.fault_rules import Rule, Rules, refusal

PUT = "DynamoDB_20120810.PutItem"
TRANSACTION = "DynamoDB_20120810.TransactWriteItems"


def test_without_rules_everything_passes() -> None:
    rules = Rules()
    assert (rules.verdict(PUT), rules.passed, rules.struck) == (None, 1, {})


def test_a_rule_strikes_the_operations_that_it_names() -> None:
    rules = Rules([Rule("lose", "Put")])
    assert rules.verdict(PUT) == "lose"
    assert rules.verdict("DynamoDB_20120810.GetItem") is None
    assert rules.struck == {"lose PutItem": 1}


def test_a_rule_for_everything_strikes_everything() -> None:
    assert Rules([Rule("away", "")]).verdict("AWSEvents.PutEvents") == "away"


def test_only_a_transaction_can_be_in_conflict() -> None:
    rules = Rules([Rule("conflict", "")])
    assert rules.verdict(PUT) is None
    assert rules.verdict(TRANSACTION) == "conflict"


def test_a_share_of_the_requests_is_struck() -> None:
    rules = Rules([Rule("throttle", "", 0.1)], seed=4)
    struck = sum(rules.verdict(PUT) is not None for _ in range(2000))
    assert 150 <= struck <= 250


def test_the_same_seed_strikes_the_same_requests() -> None:
    one, other = (Rules([Rule("throttle", "", 0.3)], seed=7) for _ in range(2))
    assert [one.verdict(PUT) for _ in range(50)] == [other.verdict(PUT) for _ in range(50)]


def test_the_first_rule_that_strikes_counts() -> None:
    assert Rules([Rule("cut", PUT.partition(".")[2]), Rule("lose", "")]).verdict(PUT) == "cut"


def test_rules_survive_being_written_down() -> None:
    rules = Rules([Rule("throttle", "Put", 0.5), Rule("away", "")], seed=3)
    read = Rules.load(rules.dump())
    assert (read.rules, read.seed) == (rules.rules, 3)


@pytest.mark.parametrize("text", ["", "{}", '{"rules": [{"fault": "throttle", "unknown": 1}]}'])
def test_what_is_no_set_of_rules_is_refused(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        Rules.load(text)


def test_a_conflict_names_a_reason_for_each_write() -> None:
    status, told = refusal("conflict", json.dumps({"TransactItems": [{}, {}, {}]}).encode())
    assert status == 400
    assert told["__type"].endswith("TransactionCanceledException")
    assert [reason["Code"] for reason in told["CancellationReasons"]] == ["TransactionConflict", "None", "None"]


@pytest.mark.parametrize(
    ("fault", "status", "name"),
    [("throttle", 400, "ProvisionedThroughputExceededException"), ("lose", 500, "InternalServerError")],
)
def test_a_refusal_is_told_as_dynamodb_tells_it(fault: str, status: int, name: str) -> None:
    told = refusal(fault, b"")  # type: ignore[arg-type]
    assert (told[0], told[1]["__type"].rpartition("#")[2]) == (status, name)
