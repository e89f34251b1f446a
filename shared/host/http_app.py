"""Builds the HTTP application of a service, with the verification of its callers; the same for all services."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

from shared.aws.readiness import Check
from shared.host.runtime import Runtime
from shared.host.service_app import ServiceApp
from shared.http import build_app
from shared.identity.directory import UserPoolDirectory
from shared.identity.internal_tokens import InternalTokens
from shared.identity.jwks import Jwks
from shared.identity.jwks_fetch import fetch_from
from shared.identity.tokens import TokenVerifier
from shared.settings import ServiceSettings


@asynccontextmanager
async def http_app(
    service: str, settings: ServiceSettings, runtime: Runtime, app: ServiceApp, checks: Mapping[str, Check]
) -> AsyncIterator[web.Application]:
    """The application; until the block ends, the keys of the user pool are refreshed.

    The application is ready when `checks` pass and the keys have been fetched.
    """
    clock = runtime.clock
    keys = Jwks(fetch_from(settings.user_pool_jwks_url, clock=clock), clock=clock)
    try:
        yield build_app(
            service,
            app.routes,
            app.context,
            TokenVerifier(settings.user_pool_issuer, settings.user_pool_client_id, keys, clock=clock),
            {**checks, "user_pool_keys": keys.ready},
            cursor_secret=settings.cursor_secret,
            internal_verifier=InternalTokens(
                service,
                settings.internal_token_secret,
                previous=settings.internal_token_previous_secret,
                clock=clock,
            ),
            directory=UserPoolDirectory(lambda: runtime.aws.client("cognito-idp"), settings.user_pool_id, clock=clock),
            clock=clock,
            ids=runtime.ids,
        )
    finally:
        await keys.close()
