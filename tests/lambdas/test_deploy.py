"""`make deploy` and `make destroy` against the embedded AWS: all eight stacks, with packages."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.deploy import account, retained
from infra.deploy.account import Account
from infra.deploy.change_sets import PollPolicy
from infra.deploy.config import DeployConfig
from infra.deploy.deployment import ALL, Deployed, Deployment
from infra.deploy.destruction import Destruction
from infra.deploy.retained import RetainedResource
from infra.deploy.stages import NotApprovedError
from infra.deploy.terminal import Terminal
from infra.packaging.build import build_if_changed
from infra.packaging.target import Target
from tests.ports import free_port
from tests.stack import ROOT, EmbeddedAws, running_aws

POLL = PollPolicy(deadline_s=60, interval_s=0.05)
HERE = Target.here()
CONFIG = DeployConfig(
    region="us-east-1",
    arch=HERE.arch,  # type: ignore[arg-type]
    runtime=f"python{HERE.python}",
    parameters={"SnapStart": False, "AllowedCountries": ["JP"], "UserPoolDomainPrefix": "tests"},
)
ITEM = {"pk": {"S": "USER#1"}, "sk": {"S": "CONV#1"}}


class ScriptedTerminal(list[str]):
    """The lines that the terminal showed; it answers its questions with `answers` in order."""

    def __init__(self, *answers: str) -> None:
        super().__init__()
        self.answers = list(answers)

    def terminal(self) -> Terminal:
        return Terminal(say=self.append, ask=lambda _: self.answers.pop(0))


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    build_if_changed(HERE)
    with (
        running_aws(tmp_path_factory.mktemp("aws") / "state", free_port()) as found,
        pytest.MonkeyPatch.context() as own,
    ):
        for name, value in found.environment.items():
            own.setenv(name, value)
        yield found


@pytest.fixture(scope="module")
def own_account(aws: EmbeddedAws) -> Account:  # noqa: ARG001 - the account is in this AWS
    return Account.of_terminal("us-east-1")


def deployed(own_account: Account, screen: ScriptedTerminal) -> Deployed:
    deployment = Deployment("prod", CONFIG, own_account, screen.terminal(), ROOT / "frontend" / "dist", POLL)
    deployment.check()
    return deployment.run()


def stacks(aws: EmbeddedAws) -> set[str]:
    found = aws.client("cloudformation").describe_stacks()["Stacks"]
    return {each["StackName"] for each in found if each["StackStatus"] != "DELETE_COMPLETE"}


def table_of(aws: EmbeddedAws) -> str:
    found: list[dict[str, Any]] = aws.client("cloudformation").describe_stacks(StackName="colloquy-prod-chat")["Stacks"]
    return next(each["OutputValue"] for each in found[0]["Outputs"] if each["OutputKey"] == "Table")


def test_a_deployment_creates_all_stacks_and_publishes_the_web_chat(aws: EmbeddedAws, own_account: Account) -> None:
    screen = ScriptedTerminal("y", "y", "y", "y", "y")
    found = deployed(own_account, screen)
    assert stacks(aws) == {f"colloquy-prod-{name}" for name in ALL}
    assert screen.answers == []  # platform, services, firewall, edge, and the platform again
    outputs = aws.client("cloudformation").describe_stacks(StackName="colloquy-prod-edge")["Stacks"][0]["Outputs"]
    bucket = next(each["OutputValue"] for each in outputs if each["OutputKey"] == "SiteBucket")
    config = json.loads(aws.client("s3").get_object(Bucket=bucket, Key="config.json")["Body"].read())
    assert config["user_pool_id"] == found.user_pool
    client = aws.client("cognito-idp").describe_user_pool_client(
        UserPoolId=config["user_pool_id"], ClientId=config["user_pool_client_id"]
    )["UserPoolClient"]
    assert client["CallbackURLs"] == [found.address]
    aws.client("dynamodb").put_item(TableName=table_of(aws), Item=ITEM)


def test_deploying_again_asks_nothing_and_uploads_nothing(own_account: Account) -> None:
    assert deployed(own_account, ScriptedTerminal()).files == 0


def test_a_changed_parameter_updates_only_its_stack(own_account: Account) -> None:
    screen = ScriptedTerminal("y")
    deployment = Deployment("prod", CONFIG.model_copy(update={"parameters": {**CONFIG.parameters, "BotStore": "off"}}),
                            own_account, screen.terminal(), ROOT / "frontend" / "dist", POLL)  # fmt: skip
    deployment.run()
    assert [line for line in screen if line.startswith("changes of")] == ["changes of colloquy-prod-bots:"]


def test_without_approval_nothing_is_destroyed(aws: EmbeddedAws, own_account: Account) -> None:
    with pytest.raises(NotApprovedError):
        Destruction("prod", own_account, ScriptedTerminal("yes").terminal(), POLL).run(with_data=True)
    assert len(stacks(aws)) == len(ALL)


def test_destroying_without_data_deletes_the_stacks_and_keeps_the_data(aws: EmbeddedAws, own_account: Account) -> None:
    retained.remove(
        own_account, RetainedResource("AWS::S3::Bucket", own_account.artifacts_bucket("prod"))
    )  # the SAM CLI would not have created it
    table, screen = table_of(aws), ScriptedTerminal("prod")
    Destruction("prod", own_account, screen.terminal(), POLL).run(with_data=False)
    assert stacks(aws) == set()
    assert aws.client("dynamodb").get_item(TableName=table, Key=ITEM)["Item"] == ITEM
    assert f"  stays: AWS::DynamoDB::Table {table}" in screen
    assert not [line for line in screen if "TurnLog" in line]


def test_destroying_with_data_deletes_the_data_of_deleted_stacks(aws: EmbeddedAws, own_account: Account) -> None:
    with pytest.raises(NotApprovedError):
        Destruction("prod", own_account, ScriptedTerminal("prod").terminal(), POLL).run(with_data=True)
    Destruction("prod", own_account, ScriptedTerminal("prod data").terminal(), POLL).run(with_data=True)
    assert aws.client("dynamodb").list_tables()["TableNames"] == []
    assert aws.client("s3").list_buckets()["Buckets"] == []
    assert aws.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"] == []


def test_without_credentials_or_region_the_error_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(account.NoAccountError, match="sign in, or set AWS_PROFILE"):
        Account.of_terminal("eu-west-1")
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with pytest.raises(account.NoAccountError, match=r"no region: name one in deploy\.toml"):
        Account.of_terminal(None)
