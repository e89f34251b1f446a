"""Settings are read from the environment first, then from the named secret of Secrets Manager."""

import json
from secrets import token_hex
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.settings import ServiceSettings
from tests.stack import DeployedAws

CURSOR, INTERNAL = "cursor-secret-0123456789-0123456789", "internal-secret-0123456789-012345"


@pytest.fixture
def secret_name(embedded_aws: DeployedAws, monkeypatch: pytest.MonkeyPatch) -> str:
    """Create a secret, and an environment that names it but has no secrets itself."""
    name = f"colloquy-{token_hex(4)}"
    body = json.dumps({"cursor_secret": CURSOR, "internal_token_secret": INTERNAL, "unknown": "ignored"})
    embedded_aws.client("secretsmanager").create_secret(Name=name, SecretString=body)
    for key, value in {**embedded_aws.environment("bots"), "COLLOQUY_SECRET_ID": name}.items():
        monkeypatch.setenv(key, value)
    return name


@pytest.mark.usefixtures("secret_name")
def test_settings_missing_in_the_environment_are_read_from_the_secret() -> None:
    settings: Any = ServiceSettings()  # type: ignore[call-arg]
    assert settings.cursor_secret.get_secret_value() == CURSOR
    assert settings.internal_token_secret.get_secret_value() == INTERNAL
    assert CURSOR not in repr(settings)


@pytest.mark.usefixtures("secret_name")
def test_the_environment_takes_precedence_over_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLLOQUY_CURSOR_SECRET", "another-cursor-secret-0123456789-012")
    settings: Any = ServiceSettings()  # type: ignore[call-arg]
    assert settings.cursor_secret.get_secret_value() == "another-cursor-secret-0123456789-012"
    assert settings.internal_token_secret.get_secret_value() == INTERNAL


def test_a_missing_secret_raises_an_error(secret_name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLLOQUY_SECRET_ID", f"{secret_name}-gone")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        ServiceSettings()  # type: ignore[call-arg]
