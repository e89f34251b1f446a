"""The door of a service: its application with everybody who guards it, wired the same way for all."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from aiohttp import web

from shared.aws import Aws
from shared.aws.readiness import Check
from shared.clock import Clock
from shared.http import Route, build_app
from shared.identity.directory import UserPoolDirectory
from shared.identity.internal_tokens import InternalTokens
from shared.identity.jwks import Jwks
from shared.identity.jwks_fetch import fetch_from
from shared.identity.tokens import TokenVerifier
from shared.ids import Ids
from shared.settings import ServiceSettings


@asynccontextmanager
async def http_app(
    service: str,
    settings: ServiceSettings,
    aws: Aws,
    *,
    routes: Sequence[Route],
    context: object,
    checks: Mapping[str, Check],
    clock: Clock,
    ids: Ids,
) -> AsyncIterator[web.Application]:
    """The application, while its keys are kept fresh. It is ready when `checks` pass and the pool's keys are here."""
    keys = Jwks(fetch_from(settings.user_pool_jwks_url, clock=clock), clock=clock)
    try:
        yield build_app(
            service,
            routes,
            context,
            TokenVerifier(settings.user_pool_issuer, settings.user_pool_client_id, keys, clock=clock),
            {**checks, "user_pool_keys": keys.ready},
            cursor_secret=settings.cursor_secret,
            internal_verifier=InternalTokens(
                service,
                settings.internal_token_secret,
                previous=settings.internal_token_previous_secret,
                clock=clock,
            ),
            directory=UserPoolDirectory(lambda: aws.client("cognito-idp"), settings.user_pool_id, clock=clock),
            clock=clock,
            ids=ids,
        )
    finally:
        await keys.close()
