"""Settings of `make up`, such as `make up PORT=9000 BEDROCK=aws AWS_PROFILE=mine`."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class UpSettings(BaseSettings):
    """Plain names without a prefix: these are the variables of the Makefile."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    port: int = Field(default=8080, ge=1, le=65535, description="of the one address, on 127.0.0.1")
    state: Path = Field(default=Path(".state"), description="folder of everything that the system keeps")
    compute: Literal["process", "lambda"] = Field(
        default="process", description="lambda: packaged functions behind Lambda's own runtime and the web adapter"
    )
    bedrock: Literal["local", "aws"] = Field(default="local", description="aws: real models, all else stays local")
    aws_profile: str | None = Field(default=None, description="whose credentials call the real Bedrock")
    bedrock_region: str = Field(default="us-east-1", pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")
    model_file: Path | None = Field(default=None, description="any GGUF file, offered as local.gguf")
    openai_address: str | None = Field(default=None, description="any OpenAI-compatible server, as local.openai")
    default_model: str | None = None
    title_model: str | None = Field(default=None, description="names conversations; locally the scripted one, if unset")
    allowed_models: list[str] = Field(default=[], description="catalogue ids; empty allows all that is offered")
    running_turns_limit: int | None = Field(default=None, ge=1, description="of one caller; else the usual one")
    open_streams_limit: int | None = Field(default=None, ge=1, description="of one caller; else the usual one")
    ready_seconds: float = Field(default=90, gt=0, description="longest wait for all services to be ready")

    @field_validator("state")
    @classmethod
    def _state_is_a_plain_path(cls, state: Path) -> Path:
        if "%" in str(state):
            raise ValueError("must not contain a percent sign: the supervisor would expand it")
        return state.resolve()

    @model_validator(mode="after")
    def _real_models_need_somebody_who_pays(self) -> Self:
        if self.bedrock == "aws" and not self.aws_profile:
            raise ValueError("BEDROCK=aws needs AWS_PROFILE, a profile of ~/.aws/config that may call Bedrock")
        return self
