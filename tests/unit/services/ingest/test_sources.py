"""Knowledge sources of the caller's bots are registered, listed and removed. Nothing reads them yet."""

import asyncio
import re
from typing import Any

import pytest

from services.ingest.domain import SOURCES_PER_BOT
from shared.ids import UlidIds, id_pattern
from tests.fakes.bot_events import created, deleted
from tests.fakes.clock import FakeClock
from tests.unit.services.ingest.conftest import Ingest, page

BOT = UlidIds(FakeClock()).new("bot")
OTHER = UlidIds(FakeClock()).new("bot")
SRC = "src_01J00000000000000000000000"


@pytest.fixture(autouse=True)
async def _anns_bot(ingest: Ingest) -> None:
    await ingest.store.deliver(created(BOT))


@pytest.mark.parametrize(
    "source",
    [
        {"type": "url", "url": "https://example.org/a?b=c"},
        {"type": "sitemap", "url": "http://example.org/sitemap.xml"},
        {"type": "s3", "uri": "s3://some-bucket/a folder/"},
        {"type": "s3", "uri": "s3://some-bucket"},
    ],
)
async def test_a_source_is_registered_and_read_back(ingest: Ingest, source: dict[str, str]) -> None:
    status, made, headers = await ingest.call("POST", f"{BOT}/sources", body={"source": source})
    assert status == 201
    assert re.fullmatch(id_pattern("src"), made["id"])
    assert (made["bot_id"], made["source"], made["state"]) == (BOT, source, "registered")
    assert headers["Location"] == f"/api/ingest/bots/{BOT}/sources/{made['id']}"
    assert (await ingest.call("GET", f"{BOT}/sources/{made['id']}"))[1] == made
    assert (await ingest.call("GET", f"{BOT}/sources"))[1] == {"items": [made], "next_cursor": None}


@pytest.mark.parametrize(
    "source",
    [
        {},
        {"type": "url"},
        {"type": "url", "url": "ftp://example.org"},
        {"type": "url", "url": "file:///etc/passwd"},
        {"type": "url", "url": "https://ann:secret@example.org"},
        {"type": "url", "url": "https://example.org/" + "x" * 3000},
        {"type": "sitemap", "uri": "s3://some-bucket"},
        {"type": "s3", "uri": "s3://Some_Bucket"},
        {"type": "s3", "uri": "s3://some-bucket/a\nb"},
        {"type": "youtube", "url": "https://example.org"},
        {"type": "url", "url": "https://example.org", "state": "synced"},
    ],
)
async def test_an_invalid_source_is_refused_and_not_repeated_in_the_problem(
    ingest: Ingest, source: dict[str, str]
) -> None:
    status, problem, _ = await ingest.call("POST", f"{BOT}/sources", body={"source": source})
    assert (status, problem["type"]) == (422, "/problems/invalid-request")
    assert problem["errors"][0]["pointer"].startswith("#/source")
    assert "secret" not in str(problem)


async def test_a_list_continues_at_its_cursor(ingest: Ingest) -> None:
    made = [(await ingest.register(BOT, f"https://example.org/{number}"))["id"] for number in range(5)]
    seen: list[str] = []
    path = f"{BOT}/sources?limit=2"
    while path:
        _, found, _ = await ingest.call("GET", path)
        seen += [source["id"] for source in found["items"]]
        path = f"{BOT}/sources?limit=2&cursor={found['next_cursor']}" if found["next_cursor"] else ""
    assert seen == made


async def test_a_removed_source_is_not_found(ingest: Ingest) -> None:
    path = f"{BOT}/sources/{(await ingest.register(BOT))['id']}"
    assert (await ingest.call("DELETE", path))[0] == 204
    assert (await ingest.call("GET", path))[0] == 404
    assert (await ingest.call("DELETE", path))[0] == 404


@pytest.mark.parametrize(("user_id", "bot"), [("bob", BOT), ("ann", OTHER)], ids=["another person", "unknown bot"])
async def test_a_bot_that_the_caller_does_not_own_is_not_found(ingest: Ingest, user_id: str, bot: str) -> None:
    source = await ingest.register(BOT)
    for method, path, body in (
        ("POST", f"{bot}/sources", page("https://example.org")),
        ("GET", f"{bot}/sources", None),
        ("GET", f"{bot}/sources/{source['id']}", None),
        ("DELETE", f"{bot}/sources/{source['id']}", None),
    ):
        assert (await ingest.call(method, path, user_id, body))[0] == 404
    assert (await ingest.call("GET", f"{BOT}/sources/{source['id']}"))[0] == 200


async def test_the_sources_of_a_deleted_bot_are_not_found(ingest: Ingest) -> None:
    source = await ingest.register(BOT)
    await ingest.store.deliver(deleted(BOT, 2))
    assert (await ingest.call("GET", f"{BOT}/sources"))[0] == 404
    assert (await ingest.call("GET", f"{BOT}/sources/{source['id']}"))[0] == 404
    assert (await ingest.call("POST", f"{BOT}/sources", body=page("https://example.org")))[0] == 404


async def test_a_bot_at_the_limit_of_sources_needs_a_removal_before_another(ingest: Ingest) -> None:
    made = [await ingest.register(BOT) for _ in range(SOURCES_PER_BOT)]
    status, problem, _ = await ingest.call("POST", f"{BOT}/sources", body=page("https://example.org"))
    assert (status, problem["type"]) == (409, "/problems/limit-reached")
    await ingest.call("DELETE", f"{BOT}/sources/{made[0]['id']}")
    await ingest.register(BOT)


async def test_ten_requests_with_one_key_register_one_source(ingest: Ingest) -> None:
    async def register(url: str = "https://example.org") -> tuple[int, Any, Any]:
        return await ingest.call("POST", f"{BOT}/sources", body=page(url), idempotency_key="k1")

    answers = await asyncio.gather(*(register() for _ in range(10)))
    assert {status for status, _, _ in answers} == {201}
    assert len({source["id"] for _, source, _ in answers}) == 1
    assert (await register("https://example.com"))[0] == 409


@pytest.mark.parametrize(
    "path",
    ["nonsense/sources", f"{BOT}/sources/nonsense", f"{BOT}/sources/{SRC}"],
    ids=["invalid bot id", "invalid source id", "unknown source"],
)
async def test_an_unknown_bot_or_source_is_not_found(ingest: Ingest, path: str) -> None:
    assert (await ingest.call("GET", path))[0] == 404
