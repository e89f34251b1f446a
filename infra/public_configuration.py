"""`/config.json`: what the web chat reads before sign-in, from the local gateway or from a deployment."""

from typing import Annotated

from pydantic import BaseModel, Field

# A source of the page's policy, too: a path would narrow that, a semicolon end it.
PublicOrigin = Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.-]+(:[0-9]+)?$")]


class Features(BaseModel):
    self_sign_up: bool = True


class Notices(BaseModel):
    """One plain sentence each, shown where it matters; empty shows nothing."""

    model: str = ""
    confirmation: str = ""


class SignInProvider(BaseModel):
    """An identity provider: its name in the user pool, and what people call it."""

    name: str = Field(min_length=1)
    title: str = Field(min_length=1)


class HostedSignIn(BaseModel):
    """The user pool's own domain, which redirects people to providers and back."""

    domain: PublicOrigin
    providers: list[SignInProvider] = Field(min_length=1)


class PublicConfiguration(BaseModel):
    """`/config.json`: everything that the SPA reads before sign-in. Nothing in it is secret."""

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
