"""Secrets come from Secrets Manager when a name is told, and from the environment first."""

import json
from secrets import token_hex
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.settings import ServiceSettings
from tests.stack import DeployedAws

CURSOR, INTERNAL = "cursor-secret-0123456789-0123456789", "internal-secret-0123456789-012345"


@pytest.fixture
def named(embedded_aws: DeployedAws, monkeypatch: pytest.MonkeyPatch) -> str:
    """A secret, and an environment that names it and holds none itself."""
    name = f"colloquy-{token_hex(4)}"
    body = json.dumps({"cursor_secret": CURSOR, "internal_token_secret": INTERNAL, "unknown": "ignored"})
    embedded_aws.client("secretsmanager").create_secret(Name=name, SecretString=body)
    for key, value in {**embedded_aws.environment("bots"), "COLLOQUY_SECRET_ID": name}.items():
        monkeypatch.setenv(key, value)
    return name


@pytest.mark.usefixtures("named")
def test_what_the_environment_does_not_tell_is_in_the_secret() -> None:
    settings: Any = ServiceSettings()  # type: ignore[call-arg]
    assert settings.cursor_secret.get_secret_value() == CURSOR
    assert settings.internal_token_secret.get_secret_value() == INTERNAL
    assert CURSOR not in repr(settings)


@pytest.mark.usefixtures("named")
def test_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLLOQUY_CURSOR_SECRET", "another-cursor-secret-0123456789-012")
    settings: Any = ServiceSettings()  # type: ignore[call-arg]
    assert settings.cursor_secret.get_secret_value() == "another-cursor-secret-0123456789-012"
    assert settings.internal_token_secret.get_secret_value() == INTERNAL


def test_a_secret_that_is_not_there_is_an_error_at_the_start(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLLOQUY_SECRET_ID", f"{named}-gone")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        ServiceSettings()  # type: ignore[call-arg]
