"""What the gateway is told from outside: its port, the addresses behind it, and what the browser may know."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, HttpUrl
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra.local.gateway.places import REPOSITORY


def _origin(url: HttpUrl) -> str:
    return str(url).rstrip("/")


Origin = Annotated[HttpUrl, AfterValidator(_origin)]
# A source of the page's policy, too: a path would narrow that, a semicolon end it.
PublicOrigin = Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.-]+(:[0-9]+)?$")]
Service = Literal["chat", "bots", "ingest", "agents", "analytics"]


class Features(BaseModel):
    self_sign_up: bool = True


class Notices(BaseModel):
    """One plain sentence each, shown where they matter; empty means nothing to say."""

    model: str = ""
    confirmation: str = ""


class SignInProvider(BaseModel):
    """An identity provider: its name in the user pool, and what people call it."""

    name: str = Field(min_length=1)
    title: str = Field(min_length=1)


class HostedSignIn(BaseModel):
    """The user pool's own domain, which sends people to providers and back."""

    domain: PublicOrigin
    providers: list[SignInProvider] = Field(min_length=1)


class PublicConfiguration(BaseModel):
    """`/config.json`: everything the SPA knows before anyone has signed in. Nothing in here is secret."""

    region: str
    user_pool_id: str
    user_pool_client_id: str
    cognito_endpoint: str = "/cognito"
    features: Features = Features()
    hosted_sign_in: HostedSignIn | None = None
    sign_up_email_domains: list[str] = []
    logo: str | None = None
    default_model: str | None = None
    environment: str = "local"
    notices: Notices = Notices()


class GatewaySettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="COLLOQUY_GATEWAY_", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535, description="0 picks a free one")
    services: dict[Service, Origin]
    cognito: Origin
    public: PublicConfiguration
    pages: Path = Field(default=REPOSITORY / "frontend" / "dist", description="the built SPA")
    edge_headers: Path = REPOSITORY / "infra" / "edge-headers.json"

    max_body_bytes: int = Field(default=8 * 1024 * 1024, ge=1, description="of one request to a service")
    connect_timeout_seconds: float = Field(default=2.0, gt=0)
    idle_timeout_seconds: float = Field(default=75.0, gt=0, description="longest silence; streams comment every 15 s")
