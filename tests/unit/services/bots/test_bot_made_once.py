"""Idempotency-Key: a repeated request creates no second bot."""

import asyncio

from tests.unit.services.bots.conftest import Bots

DAY_S = 24 * 3600


async def test_a_request_with_the_same_key_returns_the_same_bot(bots: Bots) -> None:
    first = await bots.call("POST", "/api/bots/bots", body={"title": "Cook"}, idempotency_key="k1")
    again = await bots.call("POST", "/api/bots/bots", body={"title": "Cook"}, idempotency_key="k1")
    assert (first[0], again[0]) == (201, 201)
    assert first[1] == again[1]
    assert len(bots.events()) == 1


async def test_ten_concurrent_requests_with_one_key_create_one_bot(bots: Bots) -> None:
    answers = await asyncio.gather(
        *(bots.call("POST", "/api/bots/bots", body={"title": "Cook"}, idempotency_key="k1") for _ in range(10))
    )
    assert {status for status, _, _ in answers} == {201}
    assert len({bot["id"] for _, bot, _ in answers}) == 1
    assert len(bots.events()) == 1


async def test_a_used_key_with_another_body_is_refused(bots: Bots) -> None:
    await bots.call("POST", "/api/bots/bots", body={"title": "Cook"}, idempotency_key="k1")
    status, problem, _ = await bots.call("POST", "/api/bots/bots", body={"title": "Chef"}, idempotency_key="k1")
    assert (status, problem["type"]) == (409, "/problems/idempotency-key-reused")


async def test_the_same_key_of_two_people_creates_two_bots(bots: Bots) -> None:
    _, anns, _ = await bots.call("POST", "/api/bots/bots", "ann", {"title": "Cook"}, idempotency_key="k1")
    _, bobs, _ = await bots.call("POST", "/api/bots/bots", "bob", {"title": "Cook"}, idempotency_key="k1")
    assert anns["id"] != bobs["id"]


async def test_a_key_expires_after_a_day_also_when_its_row_still_exists(bots: Bots) -> None:
    _, first, _ = await bots.call("POST", "/api/bots/bots", body={"title": "Cook"}, idempotency_key="k1")
    bots.clock.advance(DAY_S + 1)
    _, second, _ = await bots.call("POST", "/api/bots/bots", body={"title": "Chef"}, idempotency_key="k1")
    assert first["id"] != second["id"]


async def test_the_key_of_a_deleted_bot_creates_no_new_bot(bots: Bots) -> None:
    _, made, _ = await bots.call("POST", "/api/bots/bots", body={"title": "Cook"}, idempotency_key="k1")
    await bots.call("DELETE", f"/api/bots/bots/{made['id']}")
    assert (await bots.call("POST", "/api/bots/bots", body={"title": "Cook"}, idempotency_key="k1"))[0] == 404
