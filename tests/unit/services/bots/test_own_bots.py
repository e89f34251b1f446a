"""Owners create, read, change and delete their bots; other users cannot."""

import asyncio
import re

import pytest

from services.bots.domain import BOTS_PER_OWNER, VERSIONS_KEPT
from shared.ids import id_pattern
from tests.fakes.dynamodb import MAX_PAGE_BYTES
from tests.fakes.faults import aws_error
from tests.unit.services.bots.conftest import Bots

UNKNOWN = "/api/bots/bots/bot_01J00000000000000000000000"


async def test_a_bot_is_created_and_read_back(bots: Bots) -> None:
    status, made, headers = await bots.call(
        "POST", "/api/bots/bots", body={"title": "  Cook ", "description": "Recipes", "instruction": "You cook.\n"}
    )
    assert status == 201
    assert re.fullmatch(id_pattern("bot"), made["id"])
    assert (made["title"], made["version"], headers["ETag"]) == ("Cook", 1, '"1"')
    assert headers["Location"] == f"/api/bots/bots/{made['id']}"
    assert (await bots.call("GET", headers["Location"]))[1] == made


async def test_creating_a_bot_without_the_grant_is_forbidden(bots: Bots) -> None:
    status, problem, _ = await bots.call("POST", "/api/bots/bots", "joe", {"title": "Cook"})
    assert (status, problem["type"]) == (403, "/problems/forbidden")
    assert bots.stored() == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"title": ""},
        {"title": "   "},
        {"title": "x" * 101},
        {"title": "Cook", "description": "x" * 1001},
        {"title": "Cook", "instruction": "x" * 32_001},
        {"title": "Cook", "owner_id": "bob"},
        {"title": 7},
    ],
)
async def test_an_invalid_bot_is_refused(bots: Bots, body: dict[str, object]) -> None:
    assert (await bots.call("POST", "/api/bots/bots", body=body))[0] == 422
    assert bots.stored() == []


async def test_a_bot_of_another_person_is_not_found(bots: Bots) -> None:
    path = f"/api/bots/bots/{(await bots.create())['id']}"
    change = {"title": "Mine now"}
    assert (await bots.call("GET", path, "bob"))[0] == 404
    assert (await bots.call("PUT", path, "bob", change, if_match="*"))[0] == 404
    assert (await bots.call("DELETE", path, "bob"))[0] == 404
    assert (await bots.call("GET", f"{path}/versions", "bob"))[0] == 404
    assert (await bots.call("GET", f"{path}/versions/1", "bob"))[0] == 404
    assert (await bots.call("GET", "/api/bots/bots", "bob"))[1]["items"] == []
    assert (await bots.call("GET", path))[0] == 200


@pytest.mark.parametrize("path", [UNKNOWN, "/api/bots/bots/nonsense", f"{UNKNOWN}/versions", f"{UNKNOWN}/versions/1"])
async def test_an_unknown_bot_is_not_found(bots: Bots, path: str) -> None:
    assert (await bots.call("GET", path))[0] == 404


async def test_a_list_continues_at_its_cursor_and_contains_no_instructions(bots: Bots) -> None:
    made = []
    for number in range(5):
        bots.clock.advance(1)
        made.append((await bots.create(title=f"Bot {number}", instruction="secret"))["id"])
    await bots.create("bob")
    seen, path = [], "/api/bots/bots?limit=2"
    while path:
        _, page, _ = await bots.call("GET", path)
        seen += page["items"]
        path = f"/api/bots/bots?limit=2&cursor={page['next_cursor']}" if page["next_cursor"] else ""
    assert [bot["id"] for bot in seen] == made[::-1]
    assert all("instruction" not in bot for bot in seen)


async def test_a_cursor_of_another_person_is_refused(bots: Bots) -> None:
    for number in range(2):
        await bots.create(title=str(number))
    cursor = (await bots.call("GET", "/api/bots/bots?limit=1"))[1]["next_cursor"]
    assert (await bots.call("GET", f"/api/bots/bots?cursor={cursor}", "bob"))[0] == 400


async def test_a_change_creates_a_version_and_keeps_the_previous_one(bots: Bots) -> None:
    made = await bots.create(instruction="You cook.")
    path = f"/api/bots/bots/{made['id']}"
    bots.clock.advance(60)
    status, changed, headers = await bots.call(
        "PUT", path, body={"title": "Chef", "instruction": "You cook well."}, if_match='"1"'
    )
    assert (status, changed["version"], headers["ETag"], changed["description"]) == (200, 2, '"2"', "")
    assert changed["created_at"] == made["created_at"] < changed["updated_at"]
    assert (await bots.call("GET", path))[1] == changed
    assert (await bots.call("GET", f"{path}/versions/1"))[1] == made
    _, page, _ = await bots.call("GET", f"{path}/versions")
    assert [(item["version"], item["title"]) for item in page["items"]] == [(2, "Chef"), (1, "Cook")]
    assert [item["title"] for item in (await bots.call("GET", "/api/bots/bots"))[1]["items"]] == ["Chef"]


async def test_an_update_without_a_difference_creates_no_version(bots: Bots) -> None:
    path = f"/api/bots/bots/{(await bots.create())['id']}"
    status, same, _ = await bots.call("PUT", path, body={"title": "Cook"}, if_match='"1"')
    assert (status, same["version"]) == (200, 1)
    assert len(bots.events()) == 1


async def test_an_update_must_name_the_current_version(bots: Bots) -> None:
    path = f"/api/bots/bots/{(await bots.create())['id']}"
    assert (await bots.call("PUT", path, body={"title": "Chef"}))[0] == 428
    assert (await bots.call("PUT", path, body={"title": "Chef"}, if_match='"1"'))[0] == 200
    status, _, headers = await bots.call("PUT", path, body={"title": "Baker"}, if_match='"1"')
    assert (status, headers["ETag"]) == (412, '"2"')
    assert (await bots.call("DELETE", path, if_match='"1"'))[0] == 412
    assert (await bots.call("GET", path))[1]["title"] == "Chef"


async def test_of_two_concurrent_updates_one_succeeds(bots: Bots) -> None:
    path = f"/api/bots/bots/{(await bots.create())['id']}"
    both = await asyncio.gather(
        *(bots.call("PUT", path, body={"title": title}, if_match='"1"') for title in ("Chef", "Baker"))
    )
    assert sorted(status for status, _, _ in both) == [200, 412]
    assert (await bots.call("GET", path))[1]["version"] == 2


async def test_only_the_newest_versions_are_kept(bots: Bots) -> None:
    bots.dynamodb.page_bytes = MAX_PAGE_BYTES
    path = f"/api/bots/bots/{(await bots.create())['id']}"
    for version in range(1, VERSIONS_KEPT + 3):
        await bots.call("PUT", path, body={"title": f"Cook {version}"}, if_match=f'"{version}"')
    assert (await bots.call("GET", f"{path}/versions/2"))[0] == 404
    assert (await bots.call("GET", f"{path}/versions/4"))[0] == 200
    _, page, _ = await bots.call("GET", f"{path}/versions?limit=200")
    assert len(page["items"]) == VERSIONS_KEPT
    assert (await bots.call("DELETE", path))[0] == 204


async def test_deleting_a_bot_keeps_only_its_events_and_the_owners_count(bots: Bots) -> None:
    made = await bots.create(instruction="canary")
    path = f"/api/bots/bots/{made['id']}"
    await bots.call("PUT", path, body={"title": "Chef", "instruction": "canary 2"}, if_match='"1"')
    assert (await bots.call("DELETE", path, if_match='"2"'))[0] == 204
    assert (await bots.call("GET", path))[0] == 404
    assert (await bots.call("DELETE", path))[0] == 404
    assert {pk.partition("#")[0] for pk, _ in bots.stored()} == {"OUTBOX", "USER"}
    assert [sk for pk, sk in bots.stored() if pk.startswith("USER#")] == ["BOTS"]
    assert "canary" not in str(bots.dynamodb.items("bots"))


async def test_a_person_at_the_limit_of_bots_must_delete_one_to_create_another(bots: Bots) -> None:
    made = [await bots.create() for _ in range(BOTS_PER_OWNER)]
    status, problem, _ = await bots.call("POST", "/api/bots/bots", body={"title": "One more"})
    assert (status, problem["type"]) == (409, "/problems/limit-reached")
    await bots.create("bob")
    await bots.call("DELETE", f"/api/bots/bots/{made[0]['id']}")
    await bots.create()


async def test_a_transaction_conflict_is_retried(bots: Bots) -> None:
    reasons = [{"Code": "TransactionConflict"}]
    conflict = aws_error("TransactionCanceledException", "TransactWriteItems", CancellationReasons=reasons)
    bots.dynamodb.fail("transact_write_items", conflict, times=2)
    await bots.create()
