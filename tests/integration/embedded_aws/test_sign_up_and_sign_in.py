"""Sign-up and sign-in with the user pool of the templates."""

import json
import subprocess
import sys
from secrets import token_hex
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError

from infra.local.seed import DEMO_PASSWORD, DEMO_USERS, DemoUser, seed
from tests import srp
from tests.stack import ROOT, DeployedAws

PASSWORD = "Long-enough-1"


class Pool:
    """The user pool as a browser and an administrator use it."""

    def __init__(self, stack: DeployedAws) -> None:
        self.api = stack.client("cognito-idp")
        self.id, self.client_id = stack.platform["UserPoolId"], stack.platform["UserPoolClientId"]
        self.outbox = stack.aws.state / "outbox.jsonl"

    def sign_up(self, email: str, password: str = PASSWORD) -> None:
        self.api.sign_up(ClientId=self.client_id, Username=email, Password=password)

    def confirm(self, email: str) -> None:
        code = self.code_for(email, "sign-up")
        self.api.confirm_sign_up(ClientId=self.client_id, Username=email, ConfirmationCode=code)

    def sign_in(self, email: str, password: str = PASSWORD) -> dict[str, str]:
        return srp.sign_in(self.api, self.id, self.client_id, email, password)

    def code_for(self, email: str, purpose: str) -> str:
        messages = [json.loads(line) for line in self.outbox.read_text().splitlines()]
        return str([each["code"] for each in messages if (each["to"], each["purpose"]) == (email, purpose)][-1])


@pytest.fixture
def pool(embedded_aws: DeployedAws) -> Pool:
    return Pool(embedded_aws)


@pytest.fixture
def newcomer() -> str:
    return f"{token_hex(4)}@example.org"


def claims_of(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


def test_new_person_signs_up_confirms_and_is_in_the_default_groups(pool: Pool, newcomer: str) -> None:
    pool.sign_up(newcomer)
    pool.confirm(newcomer)
    claims = claims_of(pool.sign_in(newcomer)["IdToken"])
    assert claims["cognito:groups"] == ["CreatingBotAllowed"]
    assert claims["email"] == newcomer


def test_sign_in_before_confirmation_is_refused(pool: Pool, newcomer: str) -> None:
    pool.sign_up(newcomer)
    with pytest.raises(ClientError, match="UserNotConfirmedException"):
        pool.sign_in(newcomer)


def test_code_can_be_sent_again_and_replaces_the_older_one(pool: Pool, newcomer: str) -> None:
    pool.sign_up(newcomer)
    first = pool.code_for(newcomer, "sign-up")
    pool.api.resend_confirmation_code(ClientId=pool.client_id, Username=newcomer)
    assert pool.code_for(newcomer, "sign-up") != first
    pool.confirm(newcomer)


@pytest.mark.parametrize("weak", ["Short-1", "no-capitals-1", "No-digits-here", "NoSymbols123"])
def test_weak_password_is_refused(pool: Pool, newcomer: str, weak: str) -> None:
    with pytest.raises(ClientError, match="InvalidPasswordException"):
        pool.sign_up(newcomer, weak)


def test_wrong_password_and_unknown_person_get_the_same_error(pool: Pool) -> None:
    for email in ("user@example.com", "nobody@example.com"):
        with pytest.raises(ClientError, match=r"NotAuthorizedException.*Incorrect username or password"):
            pool.sign_in(email, "Wrong-pass-1")


def test_forgotten_password_is_replaced_with_a_code(pool: Pool, newcomer: str) -> None:
    pool.sign_up(newcomer)
    pool.confirm(newcomer)
    pool.api.forgot_password(ClientId=pool.client_id, Username=newcomer)
    pool.api.confirm_forgot_password(
        ClientId=pool.client_id,
        Username=newcomer,
        ConfirmationCode=pool.code_for(newcomer, "password"),
        Password="Remembered-2",
    )
    assert pool.sign_in(newcomer, "Remembered-2")["IdToken"]


def test_refresh_token_gives_a_new_id_token(pool: Pool) -> None:
    signed_in = pool.sign_in("maker@example.com", DEMO_PASSWORD)
    answer = pool.api.initiate_auth(
        ClientId=pool.client_id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": signed_in["RefreshToken"]},
    )
    assert claims_of(answer["AuthenticationResult"]["IdToken"])["email"] == "maker@example.com"


def test_signing_out_everywhere_ends_the_refresh_token(pool: Pool) -> None:
    signed_in = pool.sign_in("maker@example.com", DEMO_PASSWORD)
    pool.api.revoke_token(ClientId=pool.client_id, Token=signed_in["RefreshToken"])
    with pytest.raises(ClientError, match="NotAuthorizedException"):
        pool.api.initiate_auth(
            ClientId=pool.client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": signed_in["RefreshToken"]},
        )


def test_id_token_is_valid_for_thirty_minutes_and_signed_with_the_published_keys(embedded_aws: DeployedAws) -> None:
    platform = embedded_aws.platform
    token = embedded_aws.token("admin@example.com")
    key = jwt.PyJWKClient(platform["UserPoolJwksUrl"]).get_signing_key_from_jwt(token)
    claims = jwt.decode(
        token, key, algorithms=["RS256"], audience=platform["UserPoolClientId"], issuer=platform["UserPoolIssuer"]
    )
    assert claims["exp"] - claims["iat"] == 30 * 60
    assert claims["token_use"] == "id"


@pytest.mark.parametrize("user", DEMO_USERS, ids=lambda user: user.email)
def test_demo_user_has_exactly_the_documented_groups(embedded_aws: DeployedAws, user: DemoUser) -> None:
    claims = claims_of(embedded_aws.token(user.email))
    assert set(claims.get("cognito:groups", [])) == set(user.groups)


def test_seeding_again_keeps_a_changed_password(pool: Pool) -> None:
    person = {"UserPoolId": pool.id, "Username": "maker@example.com"}
    pool.api.admin_set_user_password(**person, Password="My-own-pass-1", Permanent=True)
    seed(pool.api, pool.id)
    try:
        assert pool.sign_in("maker@example.com", "My-own-pass-1")
    finally:
        pool.api.admin_set_user_password(**person, Password=DEMO_PASSWORD, Permanent=True)


def test_incomplete_seeding_is_finished_by_the_next_one(pool: Pool) -> None:
    person = {"UserPoolId": pool.id, "Username": "user@example.com"}
    pool.api.admin_delete_user(**person)
    pool.api.admin_create_user(**person, MessageAction="SUPPRESS")
    seed(pool.api, pool.id)
    assert pool.sign_in("user@example.com", DEMO_PASSWORD)["IdToken"]


def token_command(stack: DeployedAws, email: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "infra.local.token", email, "--endpoint", stack.aws.endpoint]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)


def test_token_command_prints_a_token_and_nothing_else(embedded_aws: DeployedAws) -> None:
    printed = token_command(embedded_aws, "admin@example.com").stdout
    assert claims_of(printed.strip())["email"] == "admin@example.com"
    assert printed.count("\n") == 1


def test_token_command_refuses_an_unknown_person_in_one_line(embedded_aws: DeployedAws) -> None:
    ended = token_command(embedded_aws, "nobody@example.com")
    assert (ended.returncode, ended.stdout) == (1, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith("no token for nobody@example.com: ")


def test_person_removed_from_a_group_does_not_rejoin_by_signing_in(pool: Pool, newcomer: str) -> None:
    pool.sign_up(newcomer)
    pool.confirm(newcomer)
    pool.api.admin_remove_user_from_group(UserPoolId=pool.id, Username=newcomer, GroupName="CreatingBotAllowed")
    pool.sign_in(newcomer)
    assert "cognito:groups" not in claims_of(pool.sign_in(newcomer)["IdToken"])
