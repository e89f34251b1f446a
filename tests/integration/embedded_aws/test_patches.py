"""Each patch: the unpatched package has the fault, ours does not. Remove a patch once the package has fixed it."""

import io
import json
import zipfile
from collections.abc import Callable
from secrets import token_hex
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.deploy.desired_stack import Overrides
from infra.local.aws.deploy import deploy
from tests.stack import DeployedAws

PASSWORD = "Long-enough-1"


def refusal(call: Callable[[], Any]) -> str | None:
    """The error code of the call, or None if it succeeds."""
    try:
        call()
    except ClientError as refused:
        return str(refused.response["Error"]["Code"])
    return None


def test_table_ttl_is_taken_from_the_template(stock_aws: DeployedAws, embedded_aws: DeployedAws) -> None:
    def ttl(stack: DeployedAws) -> Any:
        answer = stack.client("dynamodb").describe_time_to_live(TableName=stack.outputs("chat")["TurnLogTable"])
        return answer["TimeToLiveDescription"]

    assert ttl(stock_aws) == {"TimeToLiveStatus": "DISABLED"}
    assert ttl(embedded_aws) == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}


def test_error_of_a_lambda_has_its_own_type(stock_aws: DeployedAws, embedded_aws: DeployedAws) -> None:
    code = "class Throttled(Exception): pass\ndef handler(event, context): raise Throttled(event['reason'])\n"

    def error_type(stack: DeployedAws) -> str:
        client, name = stack.client("lambda"), f"failing-{token_hex(4)}"
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("app.py", code)
        client.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="app.handler",
            Role="arn:aws:iam::000000000000:role/any",
            Code={"ZipFile": packed.getvalue()},
        )
        answer = client.invoke(FunctionName=name, Payload=json.dumps({"reason": "too many, slow down"}))
        return str(json.loads(answer["Payload"].read())["errorType"])

    assert error_type(stock_aws) == "Runtime.HandlerError"
    assert error_type(embedded_aws) == "Throttled"


@pytest.mark.parametrize("batch", [False, True], ids=["alone", "in a batch"])
def test_delay_above_fifteen_minutes_is_refused(
    stock_aws: DeployedAws, embedded_aws: DeployedAws, *, batch: bool
) -> None:
    def delayed(stack: DeployedAws, seconds: int) -> str | None:
        sqs, queue = stack.client("sqs"), stack.outputs("chat")["TurnsQueueUrl"]
        if not batch:
            return refusal(lambda: sqs.send_message(QueueUrl=queue, MessageBody="x", DelaySeconds=seconds))
        entry = {"Id": "1", "MessageBody": "x", "DelaySeconds": seconds}
        failed = sqs.send_message_batch(QueueUrl=queue, Entries=[entry]).get("Failed", [])
        return str(failed[0]["Code"]) if failed else None

    assert delayed(stock_aws, 901) is None
    assert delayed(embedded_aws, 901) == "InvalidParameterValue"
    assert delayed(embedded_aws, 900) is None


def test_confirmation_code_that_was_not_sent_is_refused(stock_aws: DeployedAws, embedded_aws: DeployedAws) -> None:
    def confirming_with_a_guess(stack: DeployedAws) -> str | None:
        people, client_id, email = stack.client("cognito-idp"), stack.platform["UserPoolClientId"], address()
        people.sign_up(ClientId=client_id, Username=email, Password=PASSWORD)
        return refusal(lambda: people.confirm_sign_up(ClientId=client_id, Username=email, ConfirmationCode="guess"))

    assert confirming_with_a_guess(stock_aws) is None
    assert confirming_with_a_guess(embedded_aws) == "CodeMismatchException"


def test_resetting_a_password_needs_the_code_that_was_sent(stock_aws: DeployedAws, embedded_aws: DeployedAws) -> None:
    def resetting_with_a_guess(stack: DeployedAws) -> str | None:
        people, client_id, email = stack.client("cognito-idp"), stack.platform["UserPoolClientId"], address()
        pool_id = stack.platform["UserPoolId"]
        attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
        people.admin_create_user(UserPoolId=pool_id, Username=email, UserAttributes=attributes)
        people.admin_set_user_password(UserPoolId=pool_id, Username=email, Password=PASSWORD, Permanent=True)
        people.forgot_password(ClientId=client_id, Username=email)
        return refusal(
            lambda: people.confirm_forgot_password(
                ClientId=client_id, Username=email, ConfirmationCode="guess", Password="Another-one-2"
            )
        )

    assert resetting_with_a_guess(stock_aws) is None
    assert resetting_with_a_guess(embedded_aws) == "CodeMismatchException"


def test_user_pool_for_invited_people_refuses_sign_up(stock_aws: DeployedAws, embedded_aws: DeployedAws) -> None:
    def signing_up_uninvited(stack: DeployedAws) -> str | None:
        people = stack.client("cognito-idp")
        pool_id = people.create_user_pool(PoolName="invited", AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})[
            "UserPool"
        ]["Id"]
        client_id = people.create_user_pool_client(UserPoolId=pool_id, ClientName="web")["UserPoolClient"]["ClientId"]
        return refusal(lambda: people.sign_up(ClientId=client_id, Username=address(), Password=PASSWORD))

    assert signing_up_uninvited(stock_aws) is None
    assert signing_up_uninvited(embedded_aws) == "NotAuthorizedException"


def test_triggers_run_after_an_invited_person_first_signs_in(stock_aws: DeployedAws, embedded_aws: DeployedAws) -> None:
    assert groups_after_first_sign_in(stock_aws) == []
    assert groups_after_first_sign_in(embedded_aws) == ["CreatingBotAllowed"]


def test_refused_sign_up_has_the_message_of_aws(stock_aws: DeployedAws, embedded_aws: DeployedAws) -> None:
    def refusal_message(stack: DeployedAws) -> str:
        platform = deploy(stack.aws.endpoint, CLOSED).outputs["platform"]
        with pytest.raises(ClientError) as refused:
            stack.client("cognito-idp").sign_up(
                ClientId=platform["UserPoolClientId"], Username="stranger@elsewhere.example", Password=PASSWORD
            )
        return str(refused.value.response["Error"]["Message"])

    assert refusal_message(stock_aws).startswith("{'errorMessage'")
    assert (
        refusal_message(embedded_aws) == "PreSignUp failed with error Sign-up is not open to addresses of this domain."
    )


def test_usernames_are_case_insensitive(stock_aws: DeployedAws, embedded_aws: DeployedAws) -> None:
    def signing_up_twice(stack: DeployedAws) -> str | None:
        people, client_id, email = stack.client("cognito-idp"), stack.platform["UserPoolClientId"], address()
        people.sign_up(ClientId=client_id, Username=email, Password=PASSWORD)
        return refusal(lambda: people.sign_up(ClientId=client_id, Username=email.upper(), Password=PASSWORD))

    assert signing_up_twice(stock_aws) is None
    assert signing_up_twice(embedded_aws) == "UsernameExistsException"
    assert embedded_aws.token("Admin@Example.com")


CLOSED = Overrides("closed", {"AllowedSignUpEmailDomains": "example.com, example.org"})


def address() -> str:
    return f"{token_hex(4)}@example.org"


def groups_after_first_sign_in(stack: DeployedAws) -> list[str]:
    people, email, pool_id = stack.client("cognito-idp"), address(), stack.platform["UserPoolId"]
    client_id = stack.platform["UserPoolClientId"]
    attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
    people.admin_create_user(UserPoolId=pool_id, Username=email, UserAttributes=attributes, TemporaryPassword=PASSWORD)
    challenge = people.admin_initiate_auth(
        UserPoolId=pool_id,
        ClientId=client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": PASSWORD},
    )
    people.admin_respond_to_auth_challenge(
        UserPoolId=pool_id,
        ClientId=client_id,
        ChallengeName=challenge["ChallengeName"],
        ChallengeResponses={"USERNAME": email, "NEW_PASSWORD": "Another-one-2"},
        Session=challenge["Session"],
    )
    groups = people.admin_list_groups_for_user(UserPoolId=pool_id, Username=email)["Groups"]
    return [group["GroupName"] for group in groups]
