"""The environment of a function has the settings of its service."""

from typing import Final

import pytest

from infra.deploy.stack_names import SERVICES
from services.agents.settings import AgentsSettings
from services.analytics.settings import AnalyticsSettings
from services.chat.settings import ChatSettings
from services.ingest.settings import IngestSettings
from shared.host.snapshot import AFTER_RESTORE, BEFORE_CHECKPOINT
from shared.settings import PublisherSettings, ServiceSettings
from tests.unit.infra.sam.templates import environment, functions

CLASSES: Final[dict[str, type[ServiceSettings]]] = {
    "chat": ChatSettings,
    "bots": PublisherSettings,
    "ingest": IngestSettings,
    "agents": AgentsSettings,
    "analytics": AnalyticsSettings,
}
OF_PLANNED_FEATURES: Final = {"COLLOQUY_SEARCH_ENDPOINT", "COLLOQUY_BOT_STORE_ENDPOINT", "COLLOQUY_BOT_STORE_LANGUAGE"}
IN_THE_SECRET: Final = {"cursor_secret", "internal_token_secret"}


@pytest.mark.parametrize("service", SERVICES)
def test_every_required_setting_is_in_every_functions_environment(service: str) -> None:
    fields = CLASSES[service].model_fields
    required = {name for name, field in fields.items() if field.is_required()} - IN_THE_SECRET
    for name, function in functions(service).items():
        missing = {setting for setting in required if f"COLLOQUY_{setting.upper()}" not in environment(function)}
        assert not missing, f"{name} of {service} has no {missing}"
        assert "COLLOQUY_SECRET_ID" in environment(function)


@pytest.mark.parametrize("service", SERVICES)
def test_every_variable_of_a_function_is_a_setting_of_its_service(service: str) -> None:
    known = {f"COLLOQUY_{name.upper()}" for name in CLASSES[service].model_fields}
    for name, function in functions(service).items():
        variables = {each for each in environment(function) if each.startswith("COLLOQUY_")}
        assert variables - known - OF_PLANNED_FEATURES == {"COLLOQUY_SECRET_ID"}, name


@pytest.mark.parametrize("service", SERVICES)
def test_functions_behind_the_web_adapter_have_its_variables(service: str) -> None:
    adapted = [function for function in functions(service).values() if function["Handler"] == "run.sh"]
    assert adapted
    for function in adapted:
        variables = environment(function)
        assert variables["AWS_LWA_PORT"] == variables["COLLOQUY_PORT"] == "8080"
        assert variables["AWS_LWA_READINESS_CHECK_PATH"] == f"/api/{service}/health"
        assert variables["AWS_LAMBDA_EXEC_WRAPPER"] == "/opt/bootstrap"
        assert variables["AWS_LWA_SNAPSTART_BEFORE_CHECKPOINT_PATH"] == BEFORE_CHECKPOINT
        assert variables["AWS_LWA_SNAPSTART_AFTER_RESTORE_PATH"] == AFTER_RESTORE
        assert variables["COLLOQUY_ANSWERS_INVOCATIONS"] == "true"
        assert function["Layers"]


@pytest.mark.parametrize(
    ("setting", "parameter"),
    [
        ("COLLOQUY_BEDROCK_REGION", "BedrockRegion"),
        ("COLLOQUY_CROSS_REGION_INFERENCE", "CrossRegionInference"),
        ("COLLOQUY_GLOBAL_INFERENCE", "GlobalInference"),
        ("COLLOQUY_DEFAULT_MODEL", "DefaultModel"),
        ("COLLOQUY_TITLE_MODEL", "TitleModel"),
        ("COLLOQUY_ALLOWED_MODELS", "AllowedModels"),
        ("COLLOQUY_MAX_OUTPUT_TOKENS", "DefaultMaxTokens"),
        ("COLLOQUY_TOP_K", "DefaultTopK"),
        ("COLLOQUY_TOP_P", "DefaultTopP"),
        ("COLLOQUY_TEMPERATURE", "DefaultTemperature"),
        ("COLLOQUY_STOP_SEQUENCES", "DefaultStopSequences"),
    ],
)
def test_a_model_setting_has_the_value_of_its_parameter(setting: str, parameter: str) -> None:
    for function in functions("chat").values():
        assert f"'Ref': '{parameter}'" in str(environment(function)[setting])


def test_no_stream_is_drained_after_sigterm() -> None:
    assert environment(functions("chat")["Streams"])["COLLOQUY_DRAIN_S"] == "0"
