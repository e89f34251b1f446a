"""The door by which the embedded AWS asks for a function."""

from typing import Any

from aiohttp.test_utils import TestClient, TestServer
from botocore.exceptions import ClientError

from infra.local.lambdas.invocation import InvocationError
from infra.local.lambdas.server import invocations_app


class FakeHost:
    def __init__(self, answer: bytes | Exception) -> None:
        self._answer = answer
        self.asked: list[tuple[str, str, bytes]] = []

    async def function(self, name: str, version: str) -> Any:
        host = self
        if isinstance(self._answer, ClientError):
            raise self._answer

        class Invocable:
            async def call(self, event: bytes) -> bytes:
                host.asked.append((name, version, event))
                if isinstance(host._answer, Exception):
                    raise host._answer
                return host._answer

        return Invocable()


async def asked(host: FakeHost) -> tuple[int, Any]:
    async with TestClient(TestServer(invocations_app(host))) as client:  # type: ignore[arg-type]
        answer = await client.post("/functions/chat-Turns/3", data=b'{"Records": []}')
        return answer.status, await answer.json()


async def test_an_event_is_given_to_the_version_that_it_is_for() -> None:
    host = FakeHost(b'{"batchItemFailures": []}')
    assert await asked(host) == (200, {"batchItemFailures": []})
    assert host.asked == [("chat-Turns", "3", b'{"Records": []}')]


async def test_a_function_that_fails_is_an_error_with_its_kind() -> None:
    status, told = await asked(FakeHost(InvocationError("Sandbox.Timedout", "late")))
    assert (status, told["errorType"]) == (500, "Sandbox.Timedout")


async def test_a_function_that_is_not_there_is_told_of() -> None:
    missing = ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "none"}}, "GetFunction")
    assert (await asked(FakeHost(missing)))[1]["errorType"] == "ResourceNotFoundException"


async def test_it_says_that_it_is_there() -> None:
    async with TestClient(TestServer(invocations_app(FakeHost(b"")))) as client:  # type: ignore[arg-type]
        assert (await client.get("/health")).status == 200
