"""Who may do what: each function what its code does, and no more."""

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


def told(stack: str) -> list[tuple[str, Any]]:
    return [(name, each) for name, role in resources(stack, *KINDS_WITH_ROLES).items() for each in statements(role)]


@pytest.mark.parametrize("stack", STACKS)
def test_no_statement_allows_more_actions_than_it_names(stack: str) -> None:
    for role, statement in told(stack):
        assert "NotAction" not in statement, role
        for action in as_list(statement["Action"]):
            assert "*" not in action, f"{role} allows {action}"


@pytest.mark.parametrize("stack", STACKS)
def test_a_statement_about_everything_is_about_what_has_no_resource(stack: str) -> None:
    for role, statement in told(stack):
        assert "NotResource" not in statement, role
        if "*" in as_list(statement["Resource"]):
            assert set(as_list(statement["Action"])) <= set(WITHOUT_RESOURCE), f"{role}: {statement['Action']}"


@pytest.mark.parametrize("service", SERVICES)
def test_every_function_has_a_role_of_its_own_and_no_policy_beside_it(service: str) -> None:
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
        mine = [each for role, each in told(service) if role == f"{name}Role" and "secretsmanager" in str(each)]
        assert [as_list(each["Action"]) for each in mine] == [["secretsmanager:GetSecretValue"]], name
        assert mine[0]["Resource"] == {"Fn::Sub": "{{resolve:ssm:/colloquy/${Environment}/platform/secret-arn}}"}


@pytest.mark.parametrize("service", SERVICES)
def test_only_relays_tell_the_bus(service: str) -> None:
    telling = {role for role, each in told(service) if "events:PutEvents" in as_list(each["Action"])}
    assert telling <= {"RelayRole", "SweepRole"}
    assert bool(telling) == ("Relay" in functions(service))


def test_only_what_runs_turns_asks_models_and_only_models() -> None:
    asking = [
        (role, action, str(place))
        for role, each in told("chat")
        for action in as_list(each["Action"])
        for place in as_list(each["Resource"])
        if action.startswith("bedrock:")
    ]
    assert {role for role, _, _ in asking} == {"StreamsRole", "TurnsRole"}
    assert all(":foundation-model/" in place or ":inference-profile/" in place for _, _, place in asking)
    counting = {(role, place) for role, action, place in asking if action == "bedrock:CountTokens"}
    assert {role for role, _ in counting} == {"StreamsRole", "TurnsRole"}
    assert all(":foundation-model/" in place for _, place in counting)  # CountTokens refuses profiles


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
"""How code asks AWS, and what it must be allowed."""


def code_of(folder: str) -> str:
    return "\n".join(path.read_text() for path in (ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_services_code_does_one_of_its_roles_may_do_and_no_role_may_what_no_code_does(service: str) -> None:
    code = code_of(f"services/{service}")
    if "shared.llm.bedrock.models" in code:  # settings alone call nothing
        code += code_of("shared/llm/bedrock")
    done = {action for call, action in CALLS.items() if call in code}
    theirs = {f"{name}Role" for name in functions(service)}
    allowed = {action for role, each in told(service) if role in theirs for action in as_list(each["Action"])}
    assert done <= allowed
    of_everybody = {
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:BatchWriteItem",
        "sqs:SendMessage",
    }
    assert (allowed - done - of_everybody) & set(CALLS.values()) == set()  # what `shared` does for all aside
