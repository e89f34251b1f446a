"""Settings that are secret: from one JSON object in Secrets Manager, read when a process begins to work.

They are in no template, no package and no environment variable; whoever rotates one starts processes anew. Its `root`
is one random string, from which a key for each purpose is derived (HMAC-SHA256 as a key derivation function, NIST SP
800-108); `previous_root`, while it rotates, gives the keys that are still accepted. A key of its own goes first.
"""

import hashlib
import hmac
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

    from shared.aws.call_limits import CALL_LIMITS  # noqa: PLC0415

    call = CALL_LIMITS["secretsmanager"]
    config = Config(
        connect_timeout=call.connect_s,
        read_timeout=call.read_s,
        retries={"mode": "standard", "total_max_attempts": call.attempts},
    )
    client: Any = botocore.session.get_session().create_client("secretsmanager", config=config)
    return keys_of(json.loads(client.get_secret_value(SecretId=secret_id)["SecretString"]))


def keys_of(secret: dict[str, str]) -> dict[str, str]:
    """Settings by name. Raises nothing: what is missing is missing in the settings."""
    derived: dict[str, str] = {}
    if root := secret.get("root"):
        derived |= {"cursor_secret": _key(root, "cursor"), "internal_token_secret": _key(root, "internal token")}
    if previous := secret.get("previous_root"):
        derived["internal_token_previous_secret"] = _key(previous, "internal token")
    return {**derived, **{name: value for name, value in secret.items() if not name.endswith("root")}}


def _key(root: str, purpose: str) -> str:
    return hmac.new(root.encode(), f"colloquy {purpose}".encode(), hashlib.sha256).hexdigest()
