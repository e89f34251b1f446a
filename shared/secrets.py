"""Settings that are secret: fields of one JSON object in Secrets Manager, read when a process begins to work.

They are in no template, no package and no environment variable; whoever rotates one starts processes anew.
"""

import json
from typing import TYPE_CHECKING, Any

from pydantic import Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo


class _Place(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="COLLOQUY_", extra="ignore", frozen=True)

    secret_id: str = Field(default="", description="name or ARN of the secret; empty: secrets are in the environment")


class SecretSource(PydanticBaseSettingsSource):
    """The secret that `COLLOQUY_SECRET_ID` names. Raises what botocore raises when it cannot be read."""

    def get_field_value(self, field: "FieldInfo", field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - theirs
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        secret_id = _Place().secret_id
        return _read(secret_id) if secret_id else {}


def _read(secret_id: str) -> dict[str, Any]:
    import botocore.session  # noqa: PLC0415 - a second's import, and only where there is a secret
    from botocore.config import Config  # noqa: PLC0415

    from shared.aws.calls import CALLS  # noqa: PLC0415

    call = CALLS["secretsmanager"]
    config = Config(
        connect_timeout=call.connect_s,
        read_timeout=call.read_s,
        retries={"mode": "standard", "total_max_attempts": call.attempts},
    )
    client: Any = botocore.session.get_session().create_client("secretsmanager", config=config)
    read: dict[str, Any] = json.loads(client.get_secret_value(SecretId=secret_id)["SecretString"])
    return read
