"""The gateway between a browser and a service, over real sockets."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import ClientPayloadError, ClientSession, web
from yarl import URL

from infra.local.gateway.app import build_app
from infra.local.gateway.settings import GatewaySettings, PublicConfiguration

FRAMES = 5


@dataclass
class Service:
    """A fake service behind the gateway; records the requests that the gateway forwards."""

    seen: list[web.BaseRequest] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    next_frame: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    caller_disconnected: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.seen.append(request)
        self.bodies.append(await request.read())
        match request.path.rsplit("/", 1)[-1]:
            case "events":
                return await self._stream(request)
            case "breaks-off":
                return await self._break_off(request)
            case "dies":
                assert request.transport is not None
                request.transport.close()
                return web.Response()
            case _:
                return web.json_response({"path": request.raw_path}, headers={"X-Request-Id": "from-service"})

    async def _stream(self, request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        try:
            for number in range(FRAMES):
                await self.next_frame.acquire()
                await response.write(f"id: {number}\n\n".encode())
        except asyncio.CancelledError:
            self.caller_disconnected.set()
            raise
        return response

    async def _break_off(self, request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport is not None
        request.transport.close()
        return response


@dataclass
class System:
    url: str
    service: Service
    browser: ClientSession


Serve = Callable[[web.BaseRunner], Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    async with AsyncExitStack() as stack:

        async def start(runner: web.BaseRunner) -> str:
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            return f"http://127.0.0.1:{runner.addresses[0][1]}"

        yield start


@pytest.fixture
async def system(serve: Serve, tmp_path: Path) -> AsyncIterator[System]:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Colloquy</title>")
    (tmp_path / "assets" / "app-1a2b.js").write_text("let a")
    service = Service()
    service_url = await serve(
        web.ServerRunner(web.Server(service.answer, handler_cancellation=True), shutdown_timeout=0.1)
    )
    settings = GatewaySettings.model_validate(
        {
            "services": {"chat": service_url, "bots": "http://127.0.0.1:9"},
            "cognito": service_url,
            "public": PublicConfiguration(region="us-east-1", user_pool_id="p", user_pool_client_id="c"),
            "pages": tmp_path,
            "max_body_bytes": 1000,
        }
    )
    runner = web.AppRunner(build_app(settings), handler_cancellation=True, shutdown_timeout=0.1)
    url = await serve(runner)
    async with ClientSession() as browser:
        yield System(url, service, browser)


async def test_each_frame_arrives_before_the_next_one_is_sent(system: System) -> None:
    async with system.browser.get(f"{system.url}/api/chat/turns/turn_1/events") as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        for number in range(FRAMES):
            system.service.next_frame.release()
            frame = await asyncio.wait_for(stream.content.readany(), 2)
            assert frame == f"id: {number}\n\n".encode()


async def test_many_concurrent_streams_are_forwarded(system: System) -> None:
    async def follow() -> bytes:
        async with system.browser.get(f"{system.url}/api/chat/turns/turn_1/events") as stream:
            return await stream.read()

    streams = [asyncio.create_task(follow()) for _ in range(80)]
    for _ in range(80 * FRAMES):
        system.service.next_frame.release()
    whole = b"".join(f"id: {number}\n\n".encode() for number in range(FRAMES))
    assert await asyncio.wait_for(asyncio.gather(*streams), 20) == [whole] * 80


async def test_the_service_notices_a_disconnected_browser_within_a_second(system: System) -> None:
    async with system.browser.get(f"{system.url}/api/chat/turns/turn_1/events") as stream:
        system.service.next_frame.release()
        await stream.content.readany()
    disconnected_at = time.monotonic()
    await asyncio.wait_for(system.service.caller_disconnected.wait(), 1)
    assert time.monotonic() - disconnected_at < 1


async def test_an_incomplete_response_breaks_the_connection(system: System) -> None:
    async with system.browser.get(f"{system.url}/api/chat/breaks-off") as stream:
        with pytest.raises(ClientPayloadError):
            await stream.read()


async def test_requests_are_forwarded_without_internal_and_proxy_headers(system: System) -> None:
    headers = {
        "X-Internal-Token": "x",
        "X-Forwarded-For": "6.6.6.6",
        "X-Request-Id": "mine",
        "traceparent": "00-a-b-01",
    }
    address = URL(f"{system.url}/api/chat/things/a%20b?q=1%2C2", encoded=True)
    async with system.browser.put(address, data=b"{}", headers=headers) as answer:
        assert answer.headers["X-Request-Id"] == "from-service"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert (await answer.json())["path"] == "/api/chat/things/a%20b?q=1%2C2"
    seen = system.service.seen[0]
    assert (seen.method, system.service.bodies[0]) == ("PUT", b"{}")
    assert "X-Internal-Token" not in seen.headers
    assert seen.headers["X-Forwarded-For"] == "127.0.0.1"
    assert (seen.headers["X-Request-Id"], seen.headers["traceparent"]) == ("mine", "00-a-b-01")


async def test_a_body_that_is_too_large_is_not_forwarded(system: System) -> None:
    async with system.browser.post(f"{system.url}/api/chat/x", data=b"x" * 5000) as answer:
        assert answer.status == 413
        assert (await answer.json())["type"] == "/problems/body-too-large"
    assert system.service.seen == []


async def test_an_unavailable_service_is_a_503_with_retry_after(system: System) -> None:
    async with system.browser.get(f"{system.url}/api/bots/bots", headers={"X-Request-Id": "r1"}) as answer:
        problem = await answer.json()
        assert answer.status == 503
        assert answer.content_type == "application/problem+json"
        assert int(answer.headers["Retry-After"]) >= 1
    assert (problem["type"], problem["status"], problem["instance"]) == ("/problems/service-unavailable", 503, "r1")


async def test_a_connection_lost_before_the_response_is_a_502_without_a_retry(system: System) -> None:
    async with system.browser.post(f"{system.url}/api/chat/dies", data=b"{}") as answer:
        assert answer.status == 502
    assert len(system.service.seen) == 1


@pytest.mark.parametrize(
    "path",
    ["/internal/chat/x", "/api/chat/../../internal/chat", "/api/chat/%2e%2e/x", "/api/unknown/x", "/%69nternal/x"],
)
async def test_a_path_that_is_not_public_is_not_found(system: System, path: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(system.url.rsplit(":", 1)[1]))
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 404")
    assert b"/problems/not-found" in answer
    assert system.service.seen == []


async def test_public_user_pool_operations_are_forwarded_without_the_browsers_credentials(system: System) -> None:
    sent = {"X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth", "Authorization": "AWS4-HMAC-SHA256 x"}
    async with system.browser.post(f"{system.url}/cognito", data=b"{}", headers=sent) as answer:
        assert answer.status == 200
    assert "Authorization" not in system.service.seen[0].headers
    assert system.service.seen[0].headers["Content-Type"] == "application/x-amz-json-1.1"


@pytest.mark.parametrize(
    "target", ["AWSCognitoIdentityProviderService.AdminCreateUser", "DynamoDB_20120810.Scan", "InitiateAuth", ""]
)
async def test_other_operations_of_the_embedded_aws_are_forbidden(system: System, target: str) -> None:
    async with system.browser.post(f"{system.url}/cognito", data=b"{}", headers={"X-Amz-Target": target}) as answer:
        assert answer.status == 403
    assert system.service.seen == []


async def test_paths_of_the_web_chat_return_the_page_without_caching(system: System) -> None:
    for path in ("/", "/conversations/conv_1"):
        async with system.browser.get(system.url + path) as answer:
            assert answer.status == 200
            assert "Colloquy" in await answer.text()
            assert answer.headers["Cache-Control"] == "no-cache"


async def test_hashed_assets_are_immutable_and_missing_ones_are_not_found(system: System) -> None:
    async with system.browser.get(f"{system.url}/assets/app-1a2b.js") as answer:
        assert "immutable" in answer.headers["Cache-Control"]
    async with system.browser.get(f"{system.url}/assets/gone-9z.js") as answer:
        assert answer.status == 404


async def test_the_configuration_is_public_and_complete(system: System) -> None:
    async with system.browser.get(f"{system.url}/config.json") as answer:
        configuration = await answer.json()
    assert configuration["cognito_endpoint"] == "/cognito"
    assert set(configuration) == {
        "region", "user_pool_id", "user_pool_client_id", "cognito_endpoint", "features", "hosted_sign_in",
        "sign_up_email_domains", "logo", "default_model", "environment", "notices",
    }  # fmt: skip
    assert configuration["hosted_sign_in"] is None


async def test_hosted_sign_in_is_in_the_configuration_and_the_policy(serve: Serve) -> None:
    hosted = {"domain": "https://example.auth.example", "providers": [{"name": "OIDC", "title": "Acme"}]}
    settings = GatewaySettings.model_validate(
        {
            "services": {},
            "cognito": "http://127.0.0.1:9",
            "public": {"region": "r", "user_pool_id": "p", "user_pool_client_id": "c", "hosted_sign_in": hosted},
        }
    )
    url = await serve(web.AppRunner(build_app(settings)))
    async with ClientSession() as browser, browser.get(f"{url}/config.json") as answer:
        assert (await answer.json())["hosted_sign_in"] == hosted
        assert "connect-src 'self' https://example.auth.example;" in answer.headers["Content-Security-Policy"]
