"""Functions: each has its package, its settings, its own narrow rights."""

from importlib import import_module
from typing import Any

import pytest

from infra.packaging.functions import FUNCTIONS
from services.agents.settings import AgentsSettings
from services.chat.settings import ChatSettings
from shared.host.snapshot import AFTER_RESTORE, BEFORE_CHECKPOINT
from shared.settings import ServiceSettings
from tests.contract.sam.stacks import SERVICES, functions, many, of_type, statements, template, translated

SETTINGS: dict[str, type[ServiceSettings]] = {"chat": ChatSettings, "agents": AgentsSettings}
ALL = [(service, name) for service in SERVICES for name in functions(service)]
IN_THE_SECRET = {"cursor_secret", "internal_token_secret"}
ANYWHERE = {
    "arn:${AWS::Partition}:bedrock:*::foundation-model/*": "which models are offered is a setting, not a right",
    "arn:${AWS::Partition}:bedrock:*:${AWS::AccountId}:inference-profile/*": "profiles lead to any of their regions",
}


@pytest.mark.parametrize(("service", "name"), ALL)
def test_its_package_is_one_that_is_built_and_its_handler_is_in_there(service: str, name: str) -> None:
    function = functions(service)[name]
    packages = {f"../../build/functions/{each.file_name}": each for each in FUNCTIONS if each.service == service}
    package = packages[function["CodeUri"]]
    if package.is_http:
        assert function["Handler"] == "run.sh"
        return
    module, _, handler = function["Handler"].rpartition(".")
    assert module == package.entry
    assert callable(getattr(import_module(module), handler))


def test_every_package_that_is_built_is_a_functions() -> None:
    used = {functions(service)[name]["CodeUri"].rpartition("/")[2] for service, name in ALL}
    assert used == {each.file_name for each in FUNCTIONS}


@pytest.mark.parametrize(("service", "name"), ALL)
def test_it_is_told_every_setting_that_has_no_default(service: str, name: str) -> None:
    told = functions(service)[name]["Environment"]["Variables"]
    needed = {key for key, field in SETTINGS.get(service, ServiceSettings).model_fields.items() if field.is_required()}
    assert {f"COLLOQUY_{key.upper()}" for key in needed - IN_THE_SECRET} <= set(told)
    assert "COLLOQUY_SECRET_ID" in told


@pytest.mark.parametrize(("service", "name"), ALL)
def test_it_is_told_nothing_that_nobody_reads(service: str, name: str) -> None:
    told = {key for key in functions(service)[name]["Environment"]["Variables"] if key.startswith("COLLOQUY_")}
    known = {f"COLLOQUY_{key.upper()}" for key in SETTINGS.get(service, ServiceSettings).model_fields}
    assert told - known == {"COLLOQUY_SECRET_ID"}


@pytest.mark.parametrize(("service", "name"), ALL)
def test_no_secret_is_told_in_its_environment(service: str, name: str) -> None:
    told = functions(service)[name]["Environment"]["Variables"]
    assert not [key for key in told if key.removeprefix("COLLOQUY_").lower() in IN_THE_SECRET]
    assert "secretsmanager" not in str({key: value for key, value in told.items() if key != "COLLOQUY_SECRET_ID"})


@pytest.mark.parametrize(("service", "name"), ALL)
def test_its_rights_name_actions_and_resources_one_by_one(service: str, name: str) -> None:
    found = list(statements(functions(service)[name]))
    assert found
    for statement in found:
        assert statement["Effect"] == "Allow"
        for action in many(statement["Action"]):
            assert "*" not in action, action
        for resource in many(statement["Resource"]):
            text = resource.get("Fn::Sub", "") if isinstance(resource, dict) else resource
            if text not in ANYWHERE:
                assert "*" not in text.removesuffix("/index/*").removesuffix("/chat/*"), text


@pytest.mark.parametrize("service", SERVICES)
def test_no_two_functions_share_a_role(service: str) -> None:
    made = translated(service)
    roles = [str(each["Properties"]["Role"]) for each in of_type(made, "AWS::Lambda::Function").values()]
    assert len(roles) == len(set(roles)) == len(functions(service))


@pytest.mark.parametrize(("service", "name"), ALL)
def test_only_who_needs_a_right_has_it(service: str, name: str) -> None:
    function = functions(service)[name]
    actions = {action for statement in statements(function) for action in many(statement["Action"])}
    is_relay, is_http = "lambda_relay" in function["Handler"], function["Handler"] == "run.sh"
    assert ("events:PutEvents" in actions) == is_relay
    assert ("cognito-idp:AdminListGroupsForUser" in actions) == is_http
    assert ("sqs:ReceiveMessage" in actions) == (not is_relay and not is_http)
    assert ("bedrock:InvokeModel" in actions) == (service == "chat" and not is_relay)
    assert ("dynamodb:DeleteItem" in actions) == (not is_relay)


@pytest.mark.parametrize(("service", "name"), [each for each in ALL if each[1] in {"HttpFunction", "StreamFunction"}])
def test_the_adapter_finds_the_service_its_health_and_its_hooks(service: str, name: str) -> None:
    function = functions(service)[name]
    told = function["Environment"]["Variables"]
    assert told["AWS_LAMBDA_EXEC_WRAPPER"] == "/opt/bootstrap"
    assert told["AWS_LWA_PORT"] == told["COLLOQUY_PORT"]
    assert told["AWS_LWA_READINESS_CHECK_PATH"] == f"/api/{service}/health"
    assert told["AWS_LWA_SNAPSTART_BEFORE_CHECKPOINT_PATH"] == BEFORE_CHECKPOINT
    assert told["AWS_LWA_SNAPSTART_AFTER_RESTORE_PATH"] == AFTER_RESTORE
    assert told["COLLOQUY_ANSWERS_INVOCATIONS"] == "true"
    (layer,) = function["Layers"]
    assert "${AdapterLayerVersion}" in layer["Fn::Sub"][0]


@pytest.mark.parametrize("service", SERVICES)
def test_without_functions_nothing_of_theirs_is_made(service: str) -> None:
    """The local system is these templates, too: what processes do there must not be done twice."""
    stack = template(service)
    kept = {
        "AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "AWS::Events::Rule",
    }  # fmt: skip
    for name, resource in stack["Resources"].items():
        assert resource.get("Condition") == "Lambda" or resource["Type"] in kept, name
    for name, resource in translated(service)["Resources"].items():
        assert "Condition" in resource or resource["Type"] in kept, name


@pytest.mark.parametrize("service", SERVICES)
def test_a_new_version_comes_as_wished_and_goes_when_its_alarm_rings(service: str) -> None:
    groups = of_type(translated(service), "AWS::CodeDeploy::DeploymentGroup")
    assert len(groups) == len(functions(service))
    for group in groups.values():
        alarms: Any = group["Properties"]["AlarmConfiguration"]["Alarms"]
        assert alarms == [{"Name": {"Ref": "FunctionsFail"}}]
    assert template(service)["Globals"]["Function"]["DeploymentPreference"]["Type"] == {"Ref": "Canary"}
