"""Measures the web adapter: time to the first token with and without it, and cold starts."""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from aiohttp import ClientSession

from infra.packaging.build import PLACE
from infra.packaging.functions import FUNCTIONS, SERVICES
from tests.e2e.conftest import LocalSystem, running_local_system
from tests.lambdas.hosted_functions import HostedFunctions, hosted_functions
from tests.lambdas.settings import LambdaSettings
from tests.lambdas.whole_system import person_of
from tests.ports import free_port
from tests.stack import running_stack
from tests.system import running_system

_OK = 200
_QUESTION = "Hello [[ttft=50 gap=5 tokens=5]]"


def measure(settings: LambdaSettings) -> list[str]:
    """Return the lines of a table. The model itself takes 50 ms to its first token."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        folder_path = Path(folder)
        with running_stack(folder_path, free_port()) as stack, running_system(stack, folder_path / "system") as built:
            direct = built.start("chat", "--roles", "http")
            with hosted_functions(built, folder_path) as hosted:
                adapted = hosted.http("chat", "response_stream")
                token = built.token("admin@example.com")
                lines = [_cold_start(hosted, service) for service in SERVICES]
                lines += [
                    asyncio.run(_compare(direct.url, adapted.url, token, at_once, settings.rounds))
                    for at_once in (1, settings.streams)
                ]
        lines += _whole_system(folder_path)
    return lines + [_size(each.file_name) for each in FUNCTIONS]


def _whole_system(folder_path: Path) -> list[str]:
    """Start on an empty state and again on an existing one; packages and tools are already built."""
    lines = []
    for title in ("on an empty state", "the second time"):
        began = time.perf_counter()
        with running_local_system(
            folder_path / "state", free_port(), folder_path / "up.log", COMPUTE="lambda"
        ) as system:
            ready = time.perf_counter() - began
            asyncio.run(_first_answer(system))
            whole = time.perf_counter() - began
        lines.append(
            f"make up COMPUTE=lambda, {title:17} {ready:5.1f} s until ready, {whole:5.1f} s until the first answer"
        )
    return lines


async def _first_answer(system: LocalSystem) -> None:
    headers = {"Authorization": f"Bearer {person_of(system).token}"}
    async with ClientSession(headers=headers) as client:
        await _first_token_ms(client, system.url)


def _cold_start(hosted: HostedFunctions, service: str) -> str:
    function = hosted.http(service)
    began = time.perf_counter()
    hosted.loop.run(_get(f"{function.url}/api/{service}/health"))
    whole = (time.perf_counter() - began) * 1000
    init = function.function.environments[0].init_ms
    return f"cold start of {service:10} {init:6.0f} ms until ready, {whole:6.0f} ms with the first answer"


async def _get(url: str) -> None:
    async with ClientSession() as client, client.get(url) as answer:
        await answer.read()


async def _compare(direct: str, adapted: str, token: str, at_once: int, rounds: int) -> str:
    firsts: dict[str, list[float]] = {direct: [], adapted: []}
    async with ClientSession(headers={"Authorization": f"Bearer {token}"}) as client:
        # Cold starts happen here. Many at once may exceed Lambda's limit for a start, so they are repeated.
        for url in (direct, adapted, adapted):
            await asyncio.gather(*(_first_token_ms(client, url) for _ in range(at_once)), return_exceptions=True)
        for _ in range(max(3, rounds // at_once)):
            for url in firsts:
                firsts[url] += await asyncio.gather(*(_first_token_ms(client, url) for _ in range(at_once)))
    past, through = (statistics.median(firsts[url]) for url in (direct, adapted))
    times = f"{through:6.0f} ms through, {past:6.0f} ms past the adapter: {through / past:.2f} x"
    return f"first token, {at_once:2} at once   {times}"


async def _first_token_ms(client: ClientSession, url: str) -> float:
    async with client.post(f"{url}/api/chat/conversations", json={}) as opened:
        conversation = (await opened.json())["id"]
    body = {"content": [{"type": "text", "text": _QUESTION}]}
    began, first = time.perf_counter(), 0.0
    headers = {"Accept": "text/event-stream"}
    async with client.post(
        f"{url}/api/chat/conversations/{conversation}/messages", json=body, headers=headers
    ) as answer:
        assert answer.status == _OK, f"{answer.status}: {await answer.text()}"
        async for line in answer.content:
            if not first and line.startswith(b"event: message.delta"):
                first = (time.perf_counter() - began) * 1000
    assert first, "no token was received"
    return first


def _size(file_name: str) -> str:
    return f"{file_name:24}{(PLACE / file_name).stat().st_size / 1e6:6.1f} MB"
