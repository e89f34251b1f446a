"""What holds data says what becomes of it; what is given up is seen."""

import json
from typing import Any, Final

import pytest

from infra.deploy.stack_names import SERVICES
from services.chat.settings import ChatSettings
from tests.unit.infra.sam.templates import STACKS, functions, nodes, resources

HOLDS_DATA: Final = (
    "AWS::DynamoDB::Table",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::Cognito::UserPool",
    "AWS::Logs::LogGroup",
    "AWS::SecretsManager::Secret",
    "AWS::Events::Archive",
    "AWS::OpenSearchServerless::Collection",
)
PEOPLES: Final = ("AWS::S3::Bucket", "AWS::Cognito::UserPool", "AWS::OpenSearchServerless::Collection")
"""Kinds that are never deleted with their stack. Of the tables, all but the turns' log."""


@pytest.mark.parametrize("stack", STACKS)
def test_what_holds_data_says_what_becomes_of_it(stack: str) -> None:
    for name, each in resources(stack, *HOLDS_DATA).items():
        assert "DeletionPolicy" in each, name
        assert "UpdateReplacePolicy" in each, name


@pytest.mark.parametrize("stack", STACKS)
def test_peoples_data_outlives_its_stack(stack: str) -> None:
    for name, each in resources(stack, *PEOPLES, "AWS::DynamoDB::Table").items():
        if name != "TurnLog":
            assert each["DeletionPolicy"].startswith("Retain"), name
            assert each["UpdateReplacePolicy"] == "Retain", name


@pytest.mark.parametrize("stack", STACKS)
def test_every_queue_has_a_dead_letter_queue_whose_depth_is_watched(stack: str) -> None:
    queues = resources(stack, "AWS::SQS::Queue")
    dead = {name for name in queues if name.endswith("DeadLetterQueue")}
    for name in queues.keys() - dead:
        target = queues[name]["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        assert target in dead, name
    assert dead <= watched(stack, "ApproximateNumberOfMessagesVisible", "QueueName")


@pytest.mark.parametrize("service", SERVICES)
def test_what_works_on_a_queue_is_watched_for_falling_behind(service: str) -> None:
    for _, properties in mappings(service):
        assert properties["Queue"]["Fn::GetAtt"][0] in watched(service, "ApproximateAgeOfOldestMessage", "QueueName")


@pytest.mark.parametrize("service", SERVICES)
def test_errors_and_throttles_of_every_function_and_failures_of_the_api_are_watched(service: str) -> None:
    for metric in ("Errors", "Throttles"):
        assert watched(service, metric, "FunctionName") == set(functions(service))
    assert "5XXError" in str(resources(service, "AWS::CloudWatch::Alarm"))


@pytest.mark.parametrize("service", SERVICES)
def test_every_alarm_tells_the_topic(service: str) -> None:
    for name, alarm in resources(service, "AWS::CloudWatch::Alarm").items():
        assert "AlarmTopicArn" in str(alarm["Properties"]["AlarmActions"]), name


@pytest.mark.parametrize("service", SERVICES)
def test_there_is_one_dashboard_and_it_is_json(service: str) -> None:
    (dashboard,) = resources(service, "AWS::CloudWatch::Dashboard").values()
    shown = json.loads(dashboard["Properties"]["DashboardBody"]["Fn::Sub"])
    assert len(shown["widgets"]) >= 5


@pytest.mark.parametrize("service", SERVICES)
def test_every_function_logs_into_a_group_that_forgets(service: str) -> None:
    groups = resources(service, "AWS::Logs::LogGroup")
    for function in functions(service).values():
        group = groups[function["LoggingConfig"]["LogGroup"]["Ref"]]
        assert group["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_queue_hides_a_message_at_least_as_long_as_its_function_may_take(service: str) -> None:
    for function, properties in mappings(service):
        queue = resources(service)[properties["Queue"]["Fn::GetAtt"][0]]["Properties"]
        condition, on_lambda, _ = queue["VisibilityTimeout"]["Fn::If"]
        assert condition == "OnLambda"
        assert on_lambda >= function["Timeout"]
        assert properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert properties["ScalingConfig"] == {"MaximumConcurrency": {"Ref": "MaximumConcurrency"}}


def test_a_turn_has_an_invocation_of_its_own_and_a_watchdog_a_short_one() -> None:
    (turns, of_turns), (watchdogs, of_watchdogs) = mappings("chat")
    assert (turns["Timeout"], of_turns["BatchSize"]) == (900, 1)
    assert watchdogs["Timeout"] <= 10
    assert of_watchdogs["BatchSize"] <= 10


def test_a_turn_is_taken_over_within_thirty_seconds_even_when_its_watchdogs_function_dies() -> None:
    queue = resources("chat")["WatchdogsQueue"]["Properties"]
    _, on_lambda, _ = queue["VisibilityTimeout"]["Fn::If"]
    lease_s = ChatSettings.model_fields["lease_s"].default
    cold_start_s = 5
    assert lease_s + 2 + on_lambda + cold_start_s <= 30  # a watchdog looks at most 2 s after the lease's end


@pytest.mark.parametrize("service", ["chat", "bots", "agents"])
def test_an_inserted_outbox_row_rings_the_relay_and_a_schedule_sweeps(service: str) -> None:
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


def watched(stack: str, metric: str, dimension: str) -> set[str]:
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
