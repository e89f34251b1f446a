"""Events of bots: one for each change, in the transaction of the change, without any text that a person wrote."""

from pydantic import TypeAdapter

from shared.events.catalogue.bots import BotCreated, BotDeleted, BotUpdated
from tests.fakes.faults import aws_error
from tests.unit.services.bots.conftest import Bots


async def test_events_of_a_bot_are_numbered_by_its_versions(bots: Bots) -> None:
    bot = await bots.create()
    path = f"/api/bots/bots/{bot['id']}"
    await bots.call("PUT", path, body={"title": "Chef"}, if_match='"1"')
    await bots.call("DELETE", path)
    events = bots.events()
    assert [(each.type, each.sequence) for each in events] == [
        ("bots.bot.created", 1),
        ("bots.bot.updated", 2),
        ("bots.bot.deleted", 3),
    ]
    assert {each.subject for each in events} == {bot["id"]}
    assert {(each.actor.kind, each.actor.id) for each in events} == {("user", "ann")}
    for envelope, data in zip(events, (BotCreated, BotUpdated, BotDeleted), strict=True):
        read = TypeAdapter(data).validate_python(envelope.data)
        assert (read.bot_id, read.owner_id, read.bot_version) == (bot["id"], "ann", envelope.sequence)


async def test_the_relay_is_notified_after_the_commit(bots: Bots) -> None:
    await bots.create()
    assert [each.id for each in bots.notified] == [each.id for each in bots.events()]


async def test_no_event_contains_text_that_a_person_wrote(bots: Bots) -> None:
    bot = await bots.create(title="canary-title", description="canary-description", instruction="canary-instruction")
    await bots.call("PUT", f"/api/bots/bots/{bot['id']}", body={"title": "canary-2"}, if_match='"1"')
    assert "canary" not in str(bots.events())


async def test_a_failed_commit_stores_nothing_and_notifies_nothing(bots: Bots) -> None:
    bots.dynamodb.fail("transact_write_items", aws_error("ValidationException"))
    assert (await bots.call("POST", "/api/bots/bots", body={"title": "Cook"}))[0] == 500
    assert (bots.stored(), bots.notified) == ([], [])
