"""People, as the templates' user pool treats them."""

import json
import secrets
from typing import Any

import pytest

from tests.stack import LocalStack

PASSWORD = "Long-enough-1"


@pytest.fixture
def people(embedded_aws: LocalStack) -> Any:
    return embedded_aws.client("cognito-idp")


@pytest.fixture
def newcomer() -> str:
    return f"{secrets.token_hex(4)}@example.org"


def sign_up(stack: LocalStack, people: Any, email: str, password: str = PASSWORD) -> None:
    people.sign_up(ClientId=stack.platform["UserPoolClientId"], Username=email, Password=password)


def code_for(stack: LocalStack, email: str, purpose: str) -> str:
    messages = [json.loads(line) for line in (stack.aws.state / "outbox.jsonl").read_text().splitlines()]
    return str([m["code"] for m in messages if m["to"] == email and m["purpose"] == purpose][-1])


def test_a_newcomer_signs_up_confirms_and_joins_the_groups_that_are_for_everyone(
    embedded_aws: LocalStack, people: Any, newcomer: str
) -> None:
    client_id = embedded_aws.platform["UserPoolClientId"]
    sign_up(embedded_aws, people, newcomer)
    people.confirm_sign_up(
        ClientId=client_id, Username=newcomer, ConfirmationCode=code_for(embedded_aws, newcomer, "sign-up")
    )
    groups = people.admin_list_groups_for_user(UserPoolId=embedded_aws.platform["UserPoolId"], Username=newcomer)
    assert [group["GroupName"] for group in groups["Groups"]] == ["CreatingBotAllowed"]
