"""The HTTP server through which the embedded AWS invokes functions."""

from typing import Any

from aiohttp.test_utils import TestClient, TestServer
from botocore.exceptions import ClientError

from infra.local.lambdas.invocation import InvocationError
from infra.local.lambdas.server import invocations_app


class FakeHost:
    def __init__(self, answer: bytes | Exception) -> None:
        self._answer = answer
        self.invocations: list[tuple[str, str, bytes]] = []

    async def function(self, name: str, version: str) -> Any:
        host = self
        if isinstance(self._answer, ClientError):
            raise self._answer

        class Invocable:
            async def call(self, event: bytes) -> bytes:
                host.invocations.append((name, version, event))
                if isinstance(host._answer, Exception):
                    raise host._answer
                return host._answer

        return Invocable()


async def invoke(host: FakeHost) -> tuple[int, Any]:
    async with TestClient(TestServer(invocations_app(host))) as client:  # type: ignore[arg-type]
        answer = await client.post("/functions/chat-Turns/3", data=b'{"Records": []}')
        return answer.status, await answer.json()


async def test_an_event_is_passed_to_its_version() -> None:
    host = FakeHost(b'{"batchItemFailures": []}')
    assert await invoke(host) == (200, {"batchItemFailures": []})
    assert host.invocations == [("chat-Turns", "3", b'{"Records": []}')]


async def test_a_failed_function_is_an_error_with_its_type() -> None:
    status, body = await invoke(FakeHost(InvocationError("Sandbox.Timedout", "late")))
    assert (status, body["errorType"]) == (500, "Sandbox.Timedout")


async def test_a_missing_function_is_an_error() -> None:
    missing = ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "none"}}, "GetFunction")
    assert (await invoke(FakeHost(missing)))[1]["errorType"] == "ResourceNotFoundException"


async def test_the_server_has_a_health_check() -> None:
    async with TestClient(TestServer(invocations_app(FakeHost(b"")))) as client:  # type: ignore[arg-type]
        assert (await client.get("/health")).status == 200
