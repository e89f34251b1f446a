import json
import os
from pathlib import Path

from infra.deploy.stack_names import SERVICES
from infra.local.up.bedrock.credentials import BedrockCredentials
from infra.local.up.programs import INNER, SystemPrograms
from infra.local.up.ready_message import ready_message
from infra.local.up.settings import UpSettings
from infra.local.up.state import State

DEVELOPER = {
    "PATH": "/bin",
    "HOME": "/h",
    "AWS_ACCESS_KEY_ID": "AKIAREAL",
    "AWS_PROFILE": "production",
    "AWS_ENDPOINT_URL_DYNAMODB": "https://elsewhere.test",
    "COLLOQUY_TABLE": "somebody-elses",
    "PYTHONPATH": "/elsewhere",
    "MAKEFLAGS": "-j",
    "AWS_BEARER_TOKEN_BEDROCK": "ABSK-key",
    "AWS_CONFIG_FILE": "/h/aws",
}
MINE = BedrockCredentials(
    "the account of profile mine", {"COLLOQUY_BEDROCK_PROFILE": "mine", "AWS_CONFIG_FILE": "/h/aws"}
)


def system(tmp_path: Path, **chosen: object) -> SystemPrograms:
    state = State(tmp_path / "state")
    state.prepare()
    settings = UpSettings.model_validate({"state": state.folder, **chosen})
    ports = {name: 9000 + n for n, name in enumerate(INNER)}
    return SystemPrograms(settings, state, ports, DEVELOPER, tmp_path, MINE if settings.bedrock == "aws" else None)


def outputs() -> dict[str, dict[str, str]]:
    return {service: {"COLLOQUY_TABLE": f"{service}-table"} for service in SERVICES}


def chat(of: SystemPrograms) -> dict[str, str]:
    return next(program for program in of.services(outputs()) if program.name == "chat").environment


def test_aws_settings_of_the_developer_are_not_passed_to_processes(tmp_path: Path) -> None:
    environment = chat(system(tmp_path))
    assert environment["AWS_ACCESS_KEY_ID"] == "test"
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9000"
    assert environment["COLLOQUY_TABLE"] == "chat-table"
    assert environment["AWS_CONFIG_FILE"] == environment["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    foreign = {"AWS_PROFILE", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_BEARER_TOKEN_BEDROCK", "MAKEFLAGS"}
    assert not foreign & set(environment)


def test_every_service_gets_its_own_port_and_the_same_secrets(tmp_path: Path) -> None:
    programs = system(tmp_path).services(outputs())
    assert len({program.environment["COLLOQUY_PORT"] for program in programs}) == len(SERVICES)
    assert len({program.environment["COLLOQUY_INTERNAL_TOKEN_SECRET"] for program in programs}) == 1


def test_models_are_local_by_default(tmp_path: Path) -> None:
    environment = chat(system(tmp_path))
    assert environment["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] == "http://127.0.0.1:9001"
    assert json.loads(environment["COLLOQUY_MODEL_SOURCES"]) == ["local", "scripted"]


def test_the_setting_bedrock_changes_only_the_bedrock_endpoint(tmp_path: Path) -> None:
    environment = chat(system(tmp_path, bedrock="aws", bedrock_region="eu-central-1"))
    assert environment["AWS_ENDPOINT_URL_BEDROCK"] == "https://bedrock.eu-central-1.amazonaws.com"
    assert environment["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] == "https://bedrock-runtime.eu-central-1.amazonaws.com"
    assert environment["COLLOQUY_BEDROCK_PROFILE"] == "mine"
    assert environment["AWS_CONFIG_FILE"] == "/h/aws"
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9000"
    assert environment["AWS_ACCESS_KEY_ID"] == "test"


def test_limits_have_their_defaults_unless_configured(tmp_path: Path) -> None:
    assert not {name for name in chat(system(tmp_path)) if name.endswith("_LIMIT")}
    chosen = chat(system(tmp_path, running_turns_limit=100, open_streams_limit=200))
    assert chosen["COLLOQUY_RUNNING_TURNS_LIMIT"] == "100"
    assert chosen["COLLOQUY_OPEN_STREAMS_LIMIT"] == "200"


def test_the_check_of_models_has_what_chat_needs_to_call_them(tmp_path: Path) -> None:
    of = system(tmp_path, bedrock="aws")
    check = of.model_check()
    assert check is not None
    assert {name: value for name, value in chat(of).items() if name in check.environment} == check.environment
    assert system(tmp_path).model_check() is None


def test_the_gateway_gets_every_service_and_no_secret(tmp_path: Path) -> None:
    environment = system(tmp_path).gateway({"region": "us-east-1"}).environment
    assert set(json.loads(environment["COLLOQUY_GATEWAY_SERVICES"])) == set(SERVICES)
    assert not [name for name in environment if "SECRET" in name]


def test_programs_get_their_chosen_ports(tmp_path: Path) -> None:
    aws, models = system(tmp_path, model_file=tmp_path / "m.gguf").foundation()
    assert "--port=9000" in aws.argv
    assert f"--model-file={tmp_path / 'm.gguf'}" in models.argv


def test_the_ready_message_has_address_users_and_the_toy_model(tmp_path: Path) -> None:
    text = ready_message(system(tmp_path, port=9999).settings, 3.2)
    for expected in ("http://127.0.0.1:9999", "admin@example.com", "maker@example.com", "BEDROCK=aws", "toy", "3.2 s"):
        assert expected in text


def test_the_ready_message_says_who_pays_for_real_models(tmp_path: Path) -> None:
    text = ready_message(system(tmp_path, bedrock="aws", bedrock_region="eu-west-1").settings, 3.2, MINE)
    assert "Amazon Bedrock in eu-west-1, paid by the account of profile mine." in text
    assert "toy" not in text


def test_functions_have_one_host_for_events_and_one_for_apis(tmp_path: Path) -> None:
    of = system(tmp_path, compute="lambda")
    events, apis = (of.functions(kind, Path("/adapter"), Path("/ric")) for kind in ("events", "apis"))
    assert (events.name, apis.name) == ("functions", "apis")
    assert events.environment == apis.environment
    variables = events.environment
    assert json.loads(variables["COLLOQUY_FUNCTIONS_SERVICES"])["chat"] == of.ports["chat"]
    local = json.loads(variables["COLLOQUY_FUNCTIONS_LOCAL"])
    assert local["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9000"
    assert local["COLLOQUY_AGENTS_URL"] == of.address("agents")
    assert not [name for name in local if "SECRET" in name and name != "AWS_SECRET_ACCESS_KEY"]


def test_the_embedded_aws_gets_the_function_host_only_with_lambda_compute(tmp_path: Path) -> None:
    def arguments(of: SystemPrograms) -> tuple[str, ...]:
        return next(program for program in of.foundation() if program.name == "aws").argv

    assert f"--functions=http://127.0.0.1:{9000 + INNER.index('functions')}" in arguments(
        system(tmp_path, compute="lambda")
    )
    assert not [argument for argument in arguments(system(tmp_path)) if argument.startswith("--functions")]
