"""Measures the web adapter: time to the first token with and without it, and cold starts."""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from aiohttp import ClientSession

from infra.packaging.build import PLACE
from infra.packaging.functions import FUNCTIONS, SERVICES
from tests.e2e.conftest import LocalSystem, started
from tests.lambdas.hosted_functions import HostedFunctions, hosted_functions
from tests.lambdas.settings import LambdaSettings
from tests.lambdas.whole_system import person_of
from tests.ports import free_port
from tests.stack import running_stack
from tests.system import running_system

_OK = 200
_ASKED = "Hello [[ttft=50 gap=5 tokens=5]]"


def measure(settings: LambdaSettings) -> list[str]:
    """Lines of a table. The model itself takes 50 ms to its first token."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        with running_stack(place, free_port()) as stack, running_system(stack, place / "system") as built:
            direct = built.start("chat", "--roles", "http")
            with hosted_functions(built, place) as hosted:
                adapted = hosted.http("chat", "response_stream")
                token = built.token("admin@example.com")
                told = [_cold_start(hosted, service) for service in SERVICES]
                told += [
                    asyncio.run(_compare(direct.url, adapted.url, token, at_once, settings.rounds))
                    for at_once in (1, settings.streams)
                ]
        told += _whole_system(place)
    return told + [_size(each.file_name) for each in FUNCTIONS]


def _whole_system(place: Path) -> list[str]:
    """From nothing, and on what is there; packages and tools are ready."""
    told = []
    for title in ("on an empty state", "the second time"):
        began = time.perf_counter()
        with started(place / "state", free_port(), place / "up.log", COMPUTE="lambda") as system:
            ready = time.perf_counter() - began
            asyncio.run(_first_answer(system))
            whole = time.perf_counter() - began
        told.append(
            f"make up COMPUTE=lambda, {title:17} {ready:5.1f} s until ready, {whole:5.1f} s until the first answer"
        )
    return told


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
        # Whoever starts cold does it now. So many at once may take longer than Lambda lets one start, and try again.
        for url in (direct, adapted, adapted):
            await asyncio.gather(*(_first_token_ms(client, url) for _ in range(at_once)), return_exceptions=True)
        for _ in range(max(3, rounds // at_once)):
            for url in firsts:
                firsts[url] += await asyncio.gather(*(_first_token_ms(client, url) for _ in range(at_once)))
    past, through = (statistics.median(firsts[url]) for url in (direct, adapted))
    told = f"{through:6.0f} ms through, {past:6.0f} ms past the adapter: {through / past:.2f} x"
    return f"first token, {at_once:2} at once   {told}"


async def _first_token_ms(client: ClientSession, url: str) -> float:
    async with client.post(f"{url}/api/chat/conversations", json={}) as opened:
        conversation = (await opened.json())["id"]
    body = {"content": [{"type": "text", "text": _ASKED}]}
    began, first = time.perf_counter(), 0.0
    headers = {"Accept": "text/event-stream"}
    async with client.post(
        f"{url}/api/chat/conversations/{conversation}/messages", json=body, headers=headers
    ) as answer:
        assert answer.status == _OK, f"{answer.status}: {await answer.text()}"
        async for line in answer.content:
            if not first and line.startswith(b"event: message.delta"):
                first = (time.perf_counter() - began) * 1000
    assert first, "no token came"
    return first


def _size(file_name: str) -> str:
    return f"{file_name:24}{(PLACE / file_name).stat().st_size / 1e6:6.1f} MB"
