"""The settings that all services share, read from the environment with the prefix `COLLOQUY_`.

Names of resources come from the outputs of the service's stacks.
"""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from shared.secrets import SecretSource


class HostSettings(BaseSettings):
    """The settings that a process needs before it may read secrets."""

    model_config = SettingsConfigDict(env_prefix="COLLOQUY_", env_ignore_empty=True, extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535, description="0 picks a free one")
    release: str = Field(default="", description="of the deployment; logged at the start")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    initialization: str = Field(
        default="", validation_alias="AWS_LAMBDA_INITIALIZATION_TYPE", description="`snap-start`: a snapshot is taken"
    )


class ServiceSettings(HostSettings):
    """Base of the settings of each service, which adds its queues. No other code reads the environment."""

    environment: str = Field(default="local", pattern=r"^[a-z][a-z0-9]{0,9}$")
    answers_invocations: bool = Field(
        default=False, description="Lambda's web adapter sends one request at a time, and a header carries its deadline"
    )

    user_pool_id: str
    user_pool_client_id: str
    user_pool_issuer: str
    user_pool_jwks_url: str = Field(
        default_factory=lambda values: f"{values.get('user_pool_issuer')}/.well-known/jwks.json",
        description="where the pool's keys are; as a rule below its issuer",
    )

    event_bus: str
    content_bucket: str
    table: str

    otlp_endpoint: str | None = Field(
        default=None,
        validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT",
        description="collector of spans by OTLP over HTTP, such as http://127.0.0.1:4318; none: no spans",
    )

    cursor_secret: SecretStr = Field(description="signs list cursors; at least 32 characters", min_length=32)
    internal_token_secret: SecretStr = Field(description="signs service-to-service tokens", min_length=32)
    internal_token_previous_secret: SecretStr | None = Field(
        default=None, description="still accepted while the secret rotates"
    )

    max_pool_connections: int = Field(default=64, ge=1, description="sockets per AWS client")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment comes first; the secret that it names supplies settings that are not in the environment."""
        return init_settings, env_settings, dotenv_settings, file_secret_settings, SecretSource(settings_cls)


class PublisherSettings(ServiceSettings):
    """Settings of a service that publishes events through an outbox and a relay."""

    relay_dead_letter_queue_url: str = Field(description="gets the events that the bus refuses for good")
