"""The gateway as an aiohttp application. One handler serves all requests and decides by the path."""

from collections.abc import AsyncIterator

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, web
from yarl import URL

from infra.local.gateway import cognito, headers, pages, problems, routes
from infra.local.gateway.proxy import forward
from infra.local.gateway.security_headers import add_security_headers
from infra.local.gateway.settings import GatewaySettings

_SETTINGS = web.AppKey("settings", GatewaySettings)
_SESSION = web.AppKey("session", ClientSession)


def build_app(settings: GatewaySettings) -> web.Application:
    app = web.Application(client_max_size=settings.max_body_bytes)
    app[_SETTINGS] = settings
    app.cleanup_ctx.append(_session)
    app.router.add_route("*", "/{path:.*}", _answer)
    hosted = settings.public.hosted_sign_in
    add_security_headers(app, settings.edge_headers, connect_to=[hosted.domain] if hosted else [])
    return app


async def _answer(request: web.Request) -> web.StreamResponse:
    settings, session, path = request.app[_SETTINGS], request.app[_SESSION], request.rel_url.raw_path
    if routes.is_ambiguous(path) or routes.is_internal(path):
        return problems.NOT_FOUND.answer(request)
    if path == "/config.json":
        return web.json_response(text=settings.public.model_dump_json(), headers={"Cache-Control": "no-cache"})
    if path in {"/cognito", "/cognito/"}:
        return await cognito.forward_to_user_pool(request, session, URL(str(settings.cognito)))
    origins: dict[str, str] = {name: str(origin) for name, origin in settings.services.items()}
    if (service := routes.service_of(path)) in origins:
        target = URL(f"{origins[service]}{request.rel_url.raw_path_qs}", encoded=True)
        sent = headers.to_service(request.headers, peer=request.remote or "unknown", host=request.host)
        return await forward(request, session, target, sent)
    return problems.NOT_FOUND.answer(request) if routes.is_api(path) else pages.page(request, settings.pages)


async def _session(app: web.Application) -> AsyncIterator[None]:
    settings = app[_SETTINGS]
    timeout = ClientTimeout(
        total=None, sock_connect=settings.connect_timeout_seconds, sock_read=settings.idle_timeout_seconds
    )
    # No limit on connections, because each open stream holds one. Compressed responses are forwarded as they are.
    async with ClientSession(
        connector=TCPConnector(limit=0, use_dns_cache=False),
        timeout=timeout,
        auto_decompress=False,
        cookie_jar=DummyCookieJar(),
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
    ) as session:
        app[_SESSION] = session
        yield
