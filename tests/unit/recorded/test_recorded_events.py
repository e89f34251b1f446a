"""The services of this checkout handle the events that a recorded release left on the services' queues."""

from tests.recorded.current import Current
from tests.recorded.loader import Recorded


async def test_queued_events_reach_the_consumers_of_this_checkout(recorded: Recorded, current: Current) -> None:
    for service in ("agents", "analytics", "bots", "ingest"):
        for message in recorded.messages(f"{service}-events"):
            await current.handle_event(service, message["body"])
    bot = await current.ingest.bot(recorded.bot("deleted later"))
    assert bot is not None
    assert bot.state == "deleted"
    opened = [item for item in current.dynamodb.items("analytics") if item.get("state") == {"S": "opened"}]
    assert {item["turn_id"]["S"] for item in opened} == {
        recorded.turn("killed in text"), recorded.turn("killed in reasoning"),
    }  # fmt: skip
    keys = [(item["pk"]["S"], item["sk"]["S"]) for item in current.dynamodb.items("agents")]
    assert (f"TURN#{recorded.turn('cancelled, agents not told')}", "CANCELLED") in keys
