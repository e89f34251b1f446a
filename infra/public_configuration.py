"""`/config.json`: what the web chat reads before sign-in, from the local gateway or from a deployment."""

from typing import Annotated

from pydantic import BaseModel, Field

# The origin is also written into the page's Content-Security-Policy. There a path would narrow the source, and a
# semicolon would end the directive.
PublicOrigin = Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.-]+(:[0-9]+)?$")]


class Features(BaseModel):
    self_sign_up: bool = True


class Notices(BaseModel):
    """One sentence for each topic, shown beside what it is about. An empty one is not shown."""

    model: str = ""
    confirmation: str = ""


class SignInProvider(BaseModel):
    """An identity provider: `name` in the user pool, `title` on its button."""

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
