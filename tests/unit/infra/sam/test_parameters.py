"""Every parameter is used, and stacks of process compute have only the resources that processes need."""

from typing import Final

import pytest

from infra.deploy.stack_names import SERVICES
from infra.deploy.templates import FOLDER
from infra.packaging.functions import FUNCTIONS
from tests.unit.infra.sam.templates import STACKS, functions, mentioned, resources, template

MOST_BYTES: Final = 1_000_000
"""CloudFormation takes 1 MB from a bucket, and 51,200 bytes in a request."""

RUNS_EVERYWHERE: Final = {
    "AWS::DynamoDB::Table",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::Events::Rule",
}
"""Kinds that a system of processes has, too; all queues except the doorbell's."""
NEEDED: Final = {
    "Compute",
    "Arch",
    "PythonRuntime",
    "SnapStart",
    "AdapterLayerVersion",
    "LogRetentionDays",
    "Tracing",
    "OtlpEndpoint",
    "Canary",
    "KmsKeyArn",
    "AlarmTopicArn",
    "EdgeWebAclArn",
}


@pytest.mark.parametrize("stack", STACKS)
def test_every_parameter_and_condition_is_used(stack: str) -> None:
    given = template(stack)
    unused = (given["Parameters"].keys() | given["Conditions"].keys()) - mentioned(stack)
    assert not unused


@pytest.mark.parametrize("stack", STACKS)
def test_every_parameter_has_a_default(stack: str) -> None:
    assert [name for name, each in template(stack)["Parameters"].items() if "Default" not in each] == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_every_parameter_of_functions(service: str) -> None:
    consumes_a_queue = any("Arriving" in each.get("Events", {}) for each in functions(service).values())
    needed = NEEDED | ({"MaximumConcurrency"} if consumes_a_queue else set())
    assert template(service)["Parameters"].keys() >= needed
    assert template(service)["Parameters"]["Compute"]["Default"] == "process"


@pytest.mark.parametrize("service", SERVICES)
def test_with_process_compute_there_are_only_the_resources_of_processes(service: str) -> None:
    for name, each in resources(service).items():
        if each["Type"] not in RUNS_EVERYWHERE:
            assert _only_on_lambda(service, each.get("Condition")), name


def _only_on_lambda(stack: str, condition: str | None) -> bool:
    if condition is None or condition == "OnLambda":
        return condition is not None
    return {"Condition": "OnLambda"} in template(stack)["Conditions"][condition].get("Fn::And", [])


def test_the_packages_are_those_of_the_functions() -> None:
    used = {function["CodeUri"].rpartition("/")[2] for service in SERVICES for function in functions(service).values()}
    assert used == {each.file_name for each in FUNCTIONS}


@pytest.mark.parametrize("service", SERVICES)
def test_a_new_version_is_deployed_gradually_and_rolled_back_on_errors(service: str) -> None:
    for name, function in functions(service).items():
        preference = function["DeploymentPreference"]
        assert preference["Type"] == {"Ref": "Canary"}
        assert preference["Alarms"] == [{"Ref": f"{name}ErrorsAlarm"}]
        assert function["AutoPublishAlias"] == "live"
        assert function["SnapStart"] == {"ApplyOn": {"Fn::If": ["Snapped", "PublishedVersions", "None"]}}
        assert function["Architectures"] == [{"Ref": "Arch"}]
        assert function["Runtime"] == {"Ref": "PythonRuntime"}


@pytest.mark.parametrize("stack", STACKS)
def test_stored_data_is_encrypted_with_the_custom_key(stack: str) -> None:
    kinds = {"AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::S3::Bucket", "AWS::Logs::LogGroup",
             "AWS::SecretsManager::Secret"}  # fmt: skip
    for name, each in resources(stack, *kinds).items():
        assert "'Ref': 'KmsKeyArn'" in str(each["Properties"]), name


@pytest.mark.parametrize("stack", STACKS)
def test_a_template_is_small_enough_for_cloudformation(stack: str) -> None:
    assert len((FOLDER / f"{stack}.yaml").read_bytes()) <= MOST_BYTES
