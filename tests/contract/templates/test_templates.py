"""Properties of the templates that do not depend on where they are deployed."""

from typing import Any

import pytest

from infra.deploy.stack_names import PLATFORM, SERVICES
from infra.deploy.templates import FOLDER, load
from shared.events.consumer.delivery import MAX_RECEIVES_IN_OUTAGE

QUEUES = {
    "chat": ["Turns", "Watchdogs"],
    "bots": [],
    "ingest": ["Events"],
    "agents": ["Events", "Calls"],
    "analytics": ["Events"],
}
PUBLISHERS = {"chat", "bots", "agents"}
TEMPLATES = (PLATFORM, *SERVICES)


def of_type(name: str, kind: str) -> dict[str, dict[str, Any]]:
    resources = load(name)["Resources"]
    return {key: each for key, each in resources.items() if each["Type"] == f"AWS::{kind}"}


def test_platform_has_the_outputs_that_all_services_need() -> None:
    assert set(load(PLATFORM)["Outputs"]) == {
        "EventBus",
        "UserPoolId",
        "UserPoolClientId",
        "UserPoolIssuer",
        "UserPoolJwksUrl",
        "ContentBucket",
        "EventLakeBucket",
        "HostedSignInDomain",  # only where identity providers need one
        "EdgeWebAclArn",  # only where functions do the work
    }


@pytest.mark.parametrize("service", SERVICES)
def test_service_has_the_outputs_that_become_its_settings(service: str) -> None:
    expected = {"Table"} | {f"{queue}{kind}QueueUrl" for queue in QUEUES[service] for kind in ("", "DeadLetter")}
    expected |= {"RelayDeadLetterQueueUrl"} if service in PUBLISHERS else set()
    assert set(load(service)["Outputs"]) == expected | ({"TurnLogTable"} if service == "chat" else set())


@pytest.mark.parametrize(
    ("service", "queue", "name"), [("chat", "Turns", "chat-turns"), ("agents", "Calls", "agents-calls")]
)
def test_a_queue_of_commands_has_a_fixed_name(service: str, queue: str, name: str) -> None:
    properties = load(service)["Resources"][f"{queue}Queue"]["Properties"]
    assert properties["QueueName"] == {"Fn::Sub": f"colloquy-${{Environment}}-{name}"}


@pytest.mark.parametrize("service", SERVICES)
def test_every_queue_has_a_dead_letter_queue_with_a_longer_retention(service: str) -> None:
    queues = of_type(service, "SQS::Queue")
    live = {name: queue["Properties"] for name, queue in queues.items() if "DeadLetter" not in name}
    assert set(live) == {f"{name}Queue" for name in QUEUES[service]}
    for name, properties in live.items():
        dead_letters = name.replace("Queue", "DeadLetterQueue")
        assert properties["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": [dead_letters, "Arn"]}
        # An outage may use up this many deliveries before the message is sent again.
        assert properties["RedrivePolicy"]["maxReceiveCount"] > MAX_RECEIVES_IN_OUTAGE
        retention = queues[dead_letters]["Properties"]["MessageRetentionPeriod"]
        assert retention > properties["MessageRetentionPeriod"]


@pytest.mark.parametrize("service", [service for service in SERVICES if "Events" in QUEUES[service]])
def test_only_the_services_own_rule_may_send_to_its_events_queue(service: str) -> None:
    policy = of_type(service, "SQS::QueuePolicy")["EventsQueuePolicy"]
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["EventsRule", "Arn"]}}}


@pytest.mark.parametrize("service", SERVICES)
def test_main_table_is_retained_backed_up_and_streamed(service: str) -> None:
    table = load(service)["Resources"]["MainTable"]
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    properties = table["Properties"]
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
    assert properties["DeletionProtectionEnabled"] == {"Fn::If": ["Protected", True, False]}


def test_the_turn_log_has_no_stream() -> None:
    assert "StreamSpecification" not in load("chat")["Resources"]["TurnLog"]["Properties"]


@pytest.mark.parametrize("service", SERVICES)
def test_every_table_has_the_common_keys_and_ttl(service: str) -> None:
    for table in of_type(service, "DynamoDB::Table").values():
        properties = table["Properties"]
        assert [key["AttributeName"] for key in properties["KeySchema"]] == ["pk", "sk"]
        assert properties["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
        assert properties["BillingMode"] == "PAY_PER_REQUEST"


def test_buckets_are_private_encrypted_and_reached_over_tls_only() -> None:
    policies = of_type(PLATFORM, "S3::BucketPolicy").values()
    denied = {policy["Properties"]["Bucket"]["Ref"]: policy["Properties"] for policy in policies}
    for name, bucket in of_type(PLATFORM, "S3::Bucket").items():
        properties = bucket["Properties"]
        assert all(properties["PublicAccessBlockConfiguration"].values())
        assert properties["BucketEncryption"]
        (statement,) = denied[name]["PolicyDocument"]["Statement"]
        assert (statement["Effect"], statement["Action"]) == ("Deny", "s3:*")
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_user_pool_client_uses_srp_and_cannot_write_custom_attributes() -> None:
    client = load(PLATFORM)["Resources"]["UserPoolClient"]["Properties"]
    assert client["GenerateSecret"] is False
    assert "ALLOW_USER_SRP_AUTH" in client["ExplicitAuthFlows"]
    assert "ALLOW_USER_PASSWORD_AUTH" not in client["ExplicitAuthFlows"]
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert not [name for name in client["WriteAttributes"] if name.startswith("custom:")]


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_names_no_account_region_or_host(name: str) -> None:
    text = (FOLDER / f"{name}.yaml").read_text()
    for given in ("us-east-1", "amazonaws.com/", "000000000000", "127.0.0.1", "localhost"):
        assert given not in text
