"""What others hear of bots: each change once, in the transaction of the change, without a word of what it says."""

from pydantic import TypeAdapter

from shared.events.catalogue.bots import BotCreated, BotDeleted, BotUpdated
from tests.fakes.faults import aws_error
from tests.unit.services.bots.conftest import Bots


async def test_a_bots_life_is_told_in_order_of_its_versions(bots: Bots) -> None:
    made = await bots.create()
    path = f"/api/bots/bots/{made['id']}"
    await bots.call("PUT", path, body={"title": "Chef"}, if_match='"1"')
    await bots.call("DELETE", path)
    events = bots.events()
    assert [(each.type, each.sequence) for each in events] == [
        ("bots.bot.created", 1),
        ("bots.bot.updated", 2),
        ("bots.bot.deleted", 3),
    ]
    assert {each.subject for each in events} == {made["id"]}
    assert {(each.actor.kind, each.actor.id) for each in events} == {("user", "ann")}
    for envelope, data in zip(events, (BotCreated, BotUpdated, BotDeleted), strict=True):
        read = TypeAdapter(data).validate_python(envelope.data)
        assert (read.bot_id, read.owner_id, read.bot_version) == (made["id"], "ann", envelope.sequence)


async def test_the_relay_is_rung_after_the_commit(bots: Bots) -> None:
    await bots.create()
    assert [each.id for each in bots.notified] == [each.id for each in bots.events()]


async def test_no_event_holds_a_word_that_a_person_wrote(bots: Bots) -> None:
    made = await bots.create(title="canary-title", description="canary-description", instruction="canary-instruction")
    await bots.call("PUT", f"/api/bots/bots/{made['id']}", body={"title": "canary-2"}, if_match='"1"')
    assert "canary" not in str(bots.events())


async def test_when_the_commit_fails_nothing_is_told_and_nothing_kept(bots: Bots) -> None:
    bots.dynamodb.fail("transact_write_items", aws_error("ValidationException"))
    assert (await bots.call("POST", "/api/bots/bots", body={"title": "Cook"}))[0] == 500
    assert (bots.stored(), bots.notified) == ([], [])
