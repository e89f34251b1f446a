"""Before and after a snapshot: the placeholder server, and random numbers that differ in each environment."""

import asyncio
import random

import pytest
from aiohttp import ClientSession

from shared.host.snapshot import AFTER_RESTORE, BEFORE_CHECKPOINT, until_restored
from tests.ports import free_port

HOST = "127.0.0.1"


async def status_of(port: int, method: str, path: str) -> int:
    async with ClientSession() as client:
        for _ in range(500):
            try:
                async with client.request(method, f"http://{HOST}:{port}{path}") as answer:
                    return answer.status
            except OSError:
                await asyncio.sleep(0.01)
    raise AssertionError("no server answers")


async def test_the_placeholder_server_answers_until_the_restore_and_then_frees_its_port() -> None:
    port = free_port()
    waiting = asyncio.create_task(until_restored("notes", HOST, port))
    assert await status_of(port, "GET", "/api/notes/health") == 204
    assert await status_of(port, "POST", BEFORE_CHECKPOINT) == 204
    assert not waiting.done()
    assert await status_of(port, "POST", AFTER_RESTORE) == 204
    await asyncio.wait_for(waiting, 5)
    server = await asyncio.start_server(lambda _, writer: writer.close(), HOST, port)
    server.close()


@pytest.mark.parametrize(("method", "path"), [("GET", AFTER_RESTORE), ("GET", "/api/notes/notes"), ("POST", "/")])
async def test_before_the_restore_other_requests_are_not_found(method: str, path: str) -> None:
    port = free_port()
    waiting = asyncio.create_task(until_restored("notes", HOST, port))
    assert await status_of(port, method, path) in {404, 405}
    assert not waiting.done()
    waiting.cancel()
    await asyncio.wait({waiting})


async def test_two_environments_of_one_snapshot_have_different_random_numbers() -> None:
    drawn = []
    for _ in range(2):
        port = free_port()
        random.seed(4)  # the snapshot
        waiting = asyncio.create_task(until_restored("notes", HOST, port))
        await status_of(port, "POST", AFTER_RESTORE)
        await waiting
        drawn.append(random.random())  # noqa: S311 - what is under test
    assert drawn[0] != drawn[1]
