"""Resources with data have a deletion policy, and failures have alarms."""

import json
from typing import Any, Final

import pytest

from infra.deploy.stack_names import SERVICES
from services.chat.settings import ChatSettings
from tests.unit.infra.sam.templates import STACKS, functions, nodes, resources

KINDS_WITH_DATA: Final = (
    "AWS::DynamoDB::Table",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::Cognito::UserPool",
    "AWS::Logs::LogGroup",
    "AWS::SecretsManager::Secret",
    "AWS::Events::Archive",
    "AWS::OpenSearchServerless::Collection",
)
KINDS_WITH_PEOPLES_DATA: Final = ("AWS::S3::Bucket", "AWS::Cognito::UserPool", "AWS::OpenSearchServerless::Collection")
"""Kinds that are never deleted with their stack. Of the tables, all but the turns' log."""


@pytest.mark.parametrize("stack", STACKS)
def test_resources_with_data_have_deletion_and_replacement_policies(stack: str) -> None:
    for name, each in resources(stack, *KINDS_WITH_DATA).items():
        assert "DeletionPolicy" in each, name
        assert "UpdateReplacePolicy" in each, name


@pytest.mark.parametrize("stack", STACKS)
def test_peoples_data_is_retained_when_the_stack_is_deleted(stack: str) -> None:
    for name, each in resources(stack, *KINDS_WITH_PEOPLES_DATA, "AWS::DynamoDB::Table").items():
        if name != "TurnLog":
            assert each["DeletionPolicy"].startswith("Retain"), name
            assert each["UpdateReplacePolicy"] == "Retain", name


@pytest.mark.parametrize("stack", STACKS)
def test_every_queue_has_a_dead_letter_queue_with_an_alarm(stack: str) -> None:
    queues = resources(stack, "AWS::SQS::Queue")
    dead = {name for name in queues if name.endswith("DeadLetterQueue")}
    for name in queues.keys() - dead:
        target = queues[name]["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        assert target in dead, name
    assert dead <= watched_resources(stack, "ApproximateNumberOfMessagesVisible", "QueueName")


@pytest.mark.parametrize("service", SERVICES)
def test_every_consumed_queue_has_an_alarm_on_the_age_of_messages(service: str) -> None:
    for _, properties in mappings(service):
        assert properties["Queue"]["Fn::GetAtt"][0] in watched_resources(
            service, "ApproximateAgeOfOldestMessage", "QueueName"
        )


@pytest.mark.parametrize("service", SERVICES)
def test_functions_and_the_api_have_alarms_on_errors(service: str) -> None:
    for metric in ("Errors", "Throttles"):
        assert watched_resources(service, metric, "FunctionName") == set(functions(service))
    assert "5XXError" in str(resources(service, "AWS::CloudWatch::Alarm"))


@pytest.mark.parametrize("service", SERVICES)
def test_every_alarm_notifies_the_topic(service: str) -> None:
    for name, alarm in resources(service, "AWS::CloudWatch::Alarm").items():
        assert "AlarmTopicArn" in str(alarm["Properties"]["AlarmActions"]), name


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_has_one_dashboard_of_valid_json(service: str) -> None:
    (dashboard,) = resources(service, "AWS::CloudWatch::Dashboard").values()
    shown = json.loads(dashboard["Properties"]["DashboardBody"]["Fn::Sub"])
    assert len(shown["widgets"]) >= 5


@pytest.mark.parametrize("service", SERVICES)
def test_every_function_logs_into_a_group_with_a_retention(service: str) -> None:
    groups = resources(service, "AWS::Logs::LogGroup")
    for function in functions(service).values():
        group = groups[function["LoggingConfig"]["LogGroup"]["Ref"]]
        assert group["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


@pytest.mark.parametrize("service", SERVICES)
def test_the_visibility_of_a_queue_is_at_least_the_timeout_of_its_function(service: str) -> None:
    for function, properties in mappings(service):
        queue = resources(service)[properties["Queue"]["Fn::GetAtt"][0]]["Properties"]
        condition, on_lambda, _ = queue["VisibilityTimeout"]["Fn::If"]
        assert condition == "OnLambda"
        assert on_lambda >= function["Timeout"]
        assert properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert properties["ScalingConfig"] == {"MaximumConcurrency": {"Ref": "MaximumConcurrency"}}


def test_turns_have_a_batch_size_of_one_and_watchdogs_a_short_timeout() -> None:
    (turns, of_turns), (watchdogs, of_watchdogs) = mappings("chat")
    assert (turns["Timeout"], of_turns["BatchSize"]) == (900, 1)
    assert watchdogs["Timeout"] <= 10
    assert of_watchdogs["BatchSize"] <= 10


def test_a_turn_is_taken_over_within_thirty_seconds_also_after_a_failed_watchdog() -> None:
    queue = resources("chat")["WatchdogsQueue"]["Properties"]
    _, on_lambda, _ = queue["VisibilityTimeout"]["Fn::If"]
    lease_s = ChatSettings.model_fields["lease_s"].default
    cold_start_s = 5
    assert lease_s + 2 + on_lambda + cold_start_s <= 30  # a watchdog checks at most 2 s after the end of the lease


@pytest.mark.parametrize("service", ["chat", "bots", "agents"])
def test_an_inserted_outbox_row_invokes_the_relay_and_a_schedule_the_sweep(service: str) -> None:
    (pipe,) = (each["Properties"] for each in resources(service, "AWS::Pipes::Pipe").values())
    ((only,),) = (each["Filters"] for each in nodes(pipe) if "Filters" in each)
    assert json.loads(only["Pattern"]) == {
        "eventName": ["INSERT"],
        "dynamodb": {"Keys": {"pk": {"S": [{"prefix": "OUTBOX#"}]}}},
    }
    assert pipe["Target"] == {"Ref": "Relay.Alias"}
    assert pipe["RoleArn"] == {"Fn::GetAtt": ["DoorbellRole", "Arn"]}
    (sweeping,) = functions(service)["Sweep"]["Events"].values()
    assert sweeping["Properties"]["Schedule"] == "rate(1 minute)"


def mappings(service: str) -> list[tuple[Any, Any]]:
    return [
        (function, event["Properties"])
        for function in functions(service).values()
        for event in function.get("Events", {}).values()
        if event["Type"] == "SQS"
    ]


def watched_resources(stack: str, metric: str, dimension: str) -> set[str]:
    """Resources whose metric an alarm reads."""
    alarms = resources(stack, "AWS::CloudWatch::Alarm").values()
    values = [
        each["Value"]
        for alarm in alarms
        for node in nodes(alarm["Properties"])
        if node.get("MetricName") == metric
        for each in node["Dimensions"]
        if each["Name"] == dimension
    ]
    return {value["Ref"] if "Ref" in value else value["Fn::GetAtt"][0] for value in values}
