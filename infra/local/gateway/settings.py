"""Settings of the gateway: its port, the addresses behind it, and the public configuration."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, HttpUrl
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra.public_configuration import PublicConfiguration

REPOSITORY = Path(__file__).resolve().parents[3]


def _origin(url: HttpUrl) -> str:
    return str(url).rstrip("/")


Origin = Annotated[HttpUrl, AfterValidator(_origin)]
Service = Literal["chat", "bots", "ingest", "agents", "analytics"]


class GatewaySettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="COLLOQUY_GATEWAY_", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535, description="0 picks a free port")
    services: dict[Service, Origin]
    cognito: Origin
    public: PublicConfiguration
    pages: Path = Field(default=REPOSITORY / "frontend" / "dist", description="the built SPA")
    edge_headers: Path = REPOSITORY / "infra" / "edge-headers.json"

    max_body_bytes: int = Field(default=8 * 1024 * 1024, ge=1, description="largest body of a request to a service")
    connect_timeout_seconds: float = Field(default=2.0, gt=0)
    idle_timeout_seconds: float = Field(
        default=75.0, gt=0, description="longest time without data; streams send a comment every 15 s"
    )
