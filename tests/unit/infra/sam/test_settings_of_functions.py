"""A function is told all that its service asks for."""

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
OF_ROOMS_TO_COME: Final = {"COLLOQUY_SEARCH_ENDPOINT", "COLLOQUY_BOT_STORE_ENDPOINT", "COLLOQUY_BOT_STORE_LANGUAGE"}
IN_THE_SECRET: Final = {"cursor_secret", "internal_token_secret"}


@pytest.mark.parametrize("service", SERVICES)
def test_every_required_setting_is_in_every_functions_environment(service: str) -> None:
    fields = CLASSES[service].model_fields
    required = {name for name, field in fields.items() if field.is_required()} - IN_THE_SECRET
    for name, function in functions(service).items():
        missing = {setting for setting in required if f"COLLOQUY_{setting.upper()}" not in environment(function)}
        assert not missing, f"{name} of {service} is not told {missing}"
        assert "COLLOQUY_SECRET_ID" in environment(function)


@pytest.mark.parametrize("service", SERVICES)
def test_no_function_is_told_what_nobody_reads(service: str) -> None:
    known = {f"COLLOQUY_{name.upper()}" for name in CLASSES[service].model_fields}
    for name, function in functions(service).items():
        told = {each for each in environment(function) if each.startswith("COLLOQUY_")}
        assert told - known - OF_ROOMS_TO_COME == {"COLLOQUY_SECRET_ID"}, name


@pytest.mark.parametrize("service", SERVICES)
def test_functions_behind_the_adapter_are_told_where_to_listen(service: str) -> None:
    adapted = [function for function in functions(service).values() if function["Handler"] == "run.sh"]
    assert adapted
    for function in adapted:
        told = environment(function)
        assert told["AWS_LWA_PORT"] == told["COLLOQUY_PORT"] == "8080"
        assert told["AWS_LWA_READINESS_CHECK_PATH"] == f"/api/{service}/health"
        assert told["AWS_LAMBDA_EXEC_WRAPPER"] == "/opt/bootstrap"
        assert told["AWS_LWA_SNAPSTART_BEFORE_CHECKPOINT_PATH"] == BEFORE_CHECKPOINT
        assert told["AWS_LWA_SNAPSTART_AFTER_RESTORE_PATH"] == AFTER_RESTORE
        assert told["COLLOQUY_ANSWERS_INVOCATIONS"] == "true"
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
def test_what_a_model_is_asked_follows_a_parameter(setting: str, parameter: str) -> None:
    for function in functions("chat").values():
        assert f"'Ref': '{parameter}'" in str(environment(function)[setting])


def test_no_stream_is_drained_after_sigterm() -> None:
    assert environment(functions("chat")["Streams"])["COLLOQUY_DRAIN_S"] == "0"
