"""Roles: each function has only the permissions that its code needs."""

from typing import Any, Final

import pytest

from infra.deploy.stack_names import SERVICES
from tests.unit.infra.sam.templates import ROOT, STACKS, as_list, functions, resources, statements, template

WITHOUT_RESOURCE: Final = {
    "xray:PutTraceSegments": "X-Ray has no resources for it",
    "xray:PutTelemetryRecords": "X-Ray has no resources for it",
    "dynamodb:ListStreams": "streams are listed for an account",
}
KINDS_WITH_ROLES: Final = ("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")


def role_statements(stack: str) -> list[tuple[str, Any]]:
    return [(name, each) for name, role in resources(stack, *KINDS_WITH_ROLES).items() for each in statements(role)]


@pytest.mark.parametrize("stack", STACKS)
def test_no_statement_allows_more_actions_than_it_names(stack: str) -> None:
    for role, statement in role_statements(stack):
        assert "NotAction" not in statement, role
        for action in as_list(statement["Action"]):
            assert "*" not in action, f"{role} allows {action}"


@pytest.mark.parametrize("stack", STACKS)
def test_only_actions_without_resources_are_allowed_on_all_resources(stack: str) -> None:
    for role, statement in role_statements(stack):
        assert "NotResource" not in statement, role
        if "*" in as_list(statement["Resource"]):
            assert set(as_list(statement["Action"])) <= set(WITHOUT_RESOURCE), f"{role}: {statement['Action']}"


@pytest.mark.parametrize("service", SERVICES)
def test_every_function_has_a_role_of_its_own_and_no_other_policies(service: str) -> None:
    roles = [function["Role"]["Fn::GetAtt"][0] for function in functions(service).values()]
    assert len(roles) == len(set(roles)) > 0
    for name, function in functions(service).items():
        assert function["Role"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}
        assert "Policies" not in function
    for role in resources(service, "AWS::IAM::Role").values():
        assert "ManagedPolicyArns" not in role["Properties"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_function_reads_the_shared_secret_and_no_other(service: str) -> None:
    for name in functions(service):
        mine = [
            each for role, each in role_statements(service) if role == f"{name}Role" and "secretsmanager" in str(each)
        ]
        assert [as_list(each["Action"]) for each in mine] == [["secretsmanager:GetSecretValue"]], name
        assert mine[0]["Resource"] == {"Fn::Sub": "{{resolve:ssm:/colloquy/${Environment}/platform/secret-arn}}"}


@pytest.mark.parametrize("service", SERVICES)
def test_only_relays_may_put_events(service: str) -> None:
    publishers = {role for role, each in role_statements(service) if "events:PutEvents" in as_list(each["Action"])}
    assert publishers <= {"RelayRole", "SweepRole"}
    assert bool(publishers) == ("Relay" in functions(service))


def test_only_functions_that_run_turns_may_call_models_or_count_their_tokens() -> None:
    allowed = [
        (role, action, str(resource))
        for role, each in role_statements("chat")
        for action in as_list(each["Action"])
        for resource in as_list(each["Resource"])
        if action.startswith("bedrock:")
    ]
    assert {role for role, _, _ in allowed} == {"StreamsRole", "TurnsRole"}
    assert all(":foundation-model/" in resource or ":inference-profile/" in resource for _, _, resource in allowed)
    counting = {(role, resource) for role, action, resource in allowed if action == "bedrock:CountTokens"}
    assert {role for role, _ in counting} == {"StreamsRole", "TurnsRole"}
    assert all(":foundation-model/" in resource for _, resource in counting)  # CountTokens refuses profiles


@pytest.mark.parametrize("service", SERVICES)
def test_no_secret_is_in_an_environment(service: str) -> None:
    for function in functions(service).values():
        named = function["Environment"]["Variables"]
        assert not [name for name in named if "SECRET" in name and name != "COLLOQUY_SECRET_ID"]
    assert "resolve:secretsmanager" not in str(template(service))


CALLS: Final = {
    "get_item": "dynamodb:GetItem",
    "batch_get_item": "dynamodb:BatchGetItem",
    "put_item": "dynamodb:PutItem",
    "update_item": "dynamodb:UpdateItem",
    "delete_item": "dynamodb:DeleteItem",
    "converse_stream": "bedrock:InvokeModelWithResponseStream",
    "client.count_tokens(": "bedrock:CountTokens",
    "send_message": "sqs:SendMessage",
    "put_object": "s3:PutObject",
    "get_object": "s3:GetObject",
    "delete_object": "s3:DeleteObject",
    "list_objects_v2": "s3:ListBucket",
    '"Update": {': "dynamodb:UpdateItem",
    '"Delete": {': "dynamodb:DeleteItem",
    '"Put": ': "dynamodb:PutItem",
    '"ConditionCheck": {': "dynamodb:ConditionCheckItem",
    'paginator("query")': "dynamodb:Query",
    ".query(": "dynamodb:Query",
    "delete_all(self._dynamodb": "dynamodb:BatchWriteItem",
}
"""Calls in the code, and the actions that they need."""


def code_of(folder: str) -> str:
    return "\n".join(path.read_text() for path in (ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("service", SERVICES)
def test_the_roles_of_a_service_allow_exactly_the_actions_of_its_code(service: str) -> None:
    code = code_of(f"services/{service}")
    if "shared.llm.bedrock.models" in code:  # settings alone call nothing
        code += code_of("shared/llm/bedrock")
    done = {action for call, action in CALLS.items() if call in code}
    service_roles = {f"{name}Role" for name in functions(service)}
    allowed = {
        action for role, each in role_statements(service) if role in service_roles for action in as_list(each["Action"])
    }
    assert done <= allowed
    of_shared_code = {
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:BatchWriteItem",
        "sqs:SendMessage",
    }
    assert (allowed - done - of_shared_code) & set(CALLS.values()) == set()  # except the actions of `shared`
