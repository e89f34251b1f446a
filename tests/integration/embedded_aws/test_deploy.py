"""Deploying to the embedded AWS: unchanged stacks are not updated, and updates keep data."""

import re
from typing import Any

import pytest

from infra.deploy.artifacts import Artifacts
from infra.deploy.change_sets import PollPolicy
from infra.deploy.desired_stack import Overrides, desired_stack
from infra.deploy.stack_names import SERVICES
from infra.deploy.stacks import Stack, StackFailedError, delete
from infra.deploy.stages import apply_stacks
from infra.local.aws import deploy as deploying
from infra.local.aws.deploy import deploy
from tests.stack import DeployedAws

POLL = PollPolicy(deadline_s=10, interval_s=0.05)
ITEM = {"pk": {"S": "USER#1"}, "sk": {"S": "CONV#1"}}


def versions(stack: DeployedAws, environment: str) -> dict[str, Any]:
    found = stack.client("cloudformation").describe_stacks()["Stacks"]
    prefix = f"colloquy-{environment}-"
    return {
        each["StackName"]: each.get("LastUpdatedTime", each["CreationTime"])
        for each in found
        if each["StackName"].startswith(prefix)
    }


def test_unchanged_stacks_are_not_updated(embedded_aws: DeployedAws) -> None:
    before = versions(embedded_aws, "local")
    assert deploy(embedded_aws.aws.endpoint) == embedded_aws.deployment
    assert versions(embedded_aws, "local") == before
    assert len(before) == 1 + len(SERVICES)


def test_update_changes_the_setting_and_keeps_items_and_people(embedded_aws: DeployedAws) -> None:
    endpoint, dynamodb, people = embedded_aws.aws.endpoint, *map(embedded_aws.client, ("dynamodb", "cognito-idp"))
    first = deploy(endpoint, Overrides("update"))
    table, pool = first.outputs["bots"]["Table"], first.outputs["platform"]["UserPoolId"]
    dynamodb.put_item(TableName=table, Item=ITEM)
    people.admin_create_user(UserPoolId=pool, Username="kept@example.com", MessageAction="SUPPRESS")

    second = deploy(endpoint, Overrides("update", {"IdTokenMinutes": "60", "ProtectData": "false"}))

    assert second.outputs == first.outputs
    assert dynamodb.get_item(TableName=table, Key=ITEM)["Item"] == ITEM
    assert not dynamodb.describe_table(TableName=table)["Table"]["DeletionProtectionEnabled"]
    ttl = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    assert ttl["TimeToLiveStatus"] == "ENABLED"
    assert people.admin_get_user(UserPoolId=pool, Username="kept@example.com")["Enabled"]
    client = people.describe_user_pool_client(UserPoolId=pool, ClientId=second.outputs["platform"]["UserPoolClientId"])[
        "UserPoolClient"
    ]
    assert (int(client["IdTokenValidity"]), client["TokenValidityUnits"]["IdToken"]) == (60, "minutes")


def test_table_with_data_is_protected(embedded_aws: DeployedAws) -> None:
    dynamodb = embedded_aws.client("dynamodb")
    for service in SERVICES:
        with pytest.raises(dynamodb.exceptions.ClientError, match="protect"):
            dynamodb.delete_table(TableName=embedded_aws.outputs(service)["Table"])


def test_settings_are_the_outputs_of_the_platform_and_the_service(embedded_aws: DeployedAws) -> None:
    settings = embedded_aws.deployment.outputs_as_settings("chat")
    assert settings["COLLOQUY_TURN_LOG_TABLE"] == embedded_aws.outputs("chat")["TurnLogTable"]
    assert settings["COLLOQUY_EVENT_BUS"] == "colloquy-local"
    assert settings["COLLOQUY_USER_POOL_JWKS_URL"].startswith(embedded_aws.aws.endpoint)
    assert "COLLOQUY_TURN_LOG_TABLE" not in embedded_aws.deployment.outputs_as_settings("bots")


def test_services_that_exchange_commands_have_the_same_queue_urls(embedded_aws: DeployedAws) -> None:
    chat, agents, bots = (embedded_aws.environment(service) for service in ("chat", "agents", "bots"))
    for queue in ("COLLOQUY_CALLS_QUEUE_URL", "COLLOQUY_TURNS_QUEUE_URL"):
        assert chat[queue] == agents[queue]
        assert queue not in bots
    assert chat["COLLOQUY_CALLS_QUEUE_URL"].endswith("/colloquy-local-agents-calls")
    assert chat["COLLOQUY_TURNS_QUEUE_URL"].endswith("/colloquy-local-chat-turns")


def test_updating_stacks_without_queue_names_adds_them_and_keeps_items(embedded_aws: DeployedAws) -> None:
    endpoint, dynamodb, sqs = embedded_aws.aws.endpoint, *map(embedded_aws.client, ("dynamodb", "sqs"))
    cloudformation = deploying.client("cloudformation", endpoint)
    artifacts = Artifacts(deploying.client("s3", endpoint), "older-packages")
    artifacts.ensure()
    first = deploy(endpoint, Overrides("named"))  # also deploys the platform, which the older stacks need
    old: dict[str, dict[str, str]] = {}
    for service in ("chat", "agents"):
        body = re.sub(r"      QueueName: .*\n", "", desired_stack(service, Overrides("named"), artifacts, {}).body)
        delete(cloudformation, f"colloquy-named-{service}", 10, 0.05)
        address = artifacts.address(artifacts.put(body.encode(), "yaml"))
        stack = Stack(f"colloquy-named-{service}", body, {"Environment": "named"}, address)
        (old[service],) = apply_stacks(cloudformation, [stack], POLL)
        dynamodb.put_item(TableName=old[service]["Table"], Item=ITEM)

    second = deploy(endpoint, Overrides("named"))

    for service, key in (("chat", "TurnsQueueUrl"), ("agents", "CallsQueueUrl")):
        now = second.outputs[service]
        assert now[key] == first.outputs[service][key] != old[service][key]
        assert {name: now[name] for name in now if name != key} == {n: old[service][n] for n in now if n != key}
        assert dynamodb.get_item(TableName=now["Table"], Key=ITEM)["Item"] == ITEM
        sqs.send_message(QueueUrl=now[key], MessageBody="arrives")
        assert sqs.receive_message(QueueUrl=now[key])["Messages"][0]["Body"] == "arrives"


def test_failed_stack_names_its_resource_and_reason_and_can_be_fixed(embedded_aws: DeployedAws) -> None:
    cloudformation = deploying.client("cloudformation", embedded_aws.aws.endpoint)
    reading = "Resources: {Address: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: '%s'}}}"
    broken = Stack("colloquy-broken", reading % "{{resolve:ssm:/nowhere}}", {})
    with pytest.raises(StackFailedError, match=r"colloquy-broken.*Address.*/nowhere"):
        apply_stacks(cloudformation, [broken], POLL)
    assert apply_stacks(cloudformation, [Stack("colloquy-broken", reading % "here", {})], POLL) == [{}]
