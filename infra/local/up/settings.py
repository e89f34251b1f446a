"""Settings of `make up`, such as `make up PORT=9000 BEDROCK=aws AWS_PROFILE=mine`."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class UpSettings(BaseSettings):
    """The fields are the variables of the Makefile, without a prefix."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    port: int = Field(default=8080, ge=1, le=65535, description="port of the gateway on 127.0.0.1")
    state: Path = Field(default=Path(".state"), description="folder of all data, logs and secrets")
    compute: Literal["process", "lambda"] = Field(
        default="process", description="lambda: packaged functions, AWS's runtime client, the web adapter"
    )
    bedrock: Literal["local", "aws"] = Field(
        default="local", description="aws: real models; everything else stays local; see bedrock/credentials.py"
    )
    aws_bearer_token_bedrock: SecretStr | None = Field(default=None, description="API key of Bedrock")
    aws_profile: str | None = Field(default=None, description="profile with the credentials for Bedrock")
    aws_access_key_id: str | None = Field(default=None, description="access keys for Bedrock")
    aws_secret_access_key: SecretStr | None = None
    aws_session_token: SecretStr | None = Field(default=None, description="of temporary access keys")
    bedrock_region: str = Field(default="us-east-1", pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")
    model_file: Path | None = Field(default=None, description="a GGUF file, served as local.gguf")
    openai_address: str | None = Field(default=None, description="URL of an OpenAI-compatible server, as local.openai")
    default_model: str | None = None
    title_model: str | None = Field(default=None, description="makes titles; locally scripted.title if unset")
    allowed_models: list[str] = Field(default=[], description="catalogue ids; empty allows all models that are served")
    running_turns_limit: int | None = Field(default=None, ge=1, description="per caller; unset: chat's default")
    open_streams_limit: int | None = Field(default=None, ge=1, description="per caller; unset: chat's default")
    ready_seconds: float = Field(default=90, gt=0, description="longest wait for all services to be ready")

    @field_validator("state")
    @classmethod
    def _state_is_a_plain_path(cls, state: Path) -> Path:
        if "%" in str(state):
            raise ValueError("must not contain a percent sign: the supervisor would expand it")
        return state.resolve()
