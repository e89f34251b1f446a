"""The consumers of a recorded release understand the messages of this checkout: during a deployment both run.

The tests take the messages from the queues and the outbox with their attributes, as the older release would.
"""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.fakes.bot_events import created, deleted, updated
from tests.fakes.clock import FakeClock
from tests.fakes.event_bus import delivery
from tests.fakes.example_events import conversation_created, model_invoked, turn_cancelled
from tests.recorded.current import Current
from tests.recorded.loader import RELEASE_2026_11, Recorded, empty
from tests.recorded.release_2026_11 import consumer

ANN = "ann"
CONVERSATIONS = "/api/chat/conversations"
TURN = "turn_01J00000000000000000000000"


@dataclass
class Sender:
    """The services of this checkout over empty tables, and the recorded release's decisions about their messages."""

    current: Current

    async def conversation(self) -> str:
        status, head = await self.current.call(ANN, "POST", CONVERSATIONS, {"title": "Trip"})
        assert status == 201
        return str(head["id"])

    async def start_turn(self, conversation: str, *, streamed: bool = True, **more: Any) -> str:
        """Start a turn and return its id. A streamed turn runs to its end in this process; others are queued."""
        body = {"content": [{"type": "text", "text": "Hello?"}], **more}
        accept = {"Accept": "text/event-stream" if streamed else "application/json"}
        return await self.current.ask(ANN, f"{CONVERSATIONS}/{conversation}/messages", body, accept)

    def decisions(self) -> list[str]:
        """The recorded release's decision for each message. It has one queue for calls and one for all others."""
        return [
            consumer.on_calls_queue(body, attributes) if queue == "calls" else consumer.on_turns_queue(body, attributes)
            for queue, body, attributes in self.current.sent()
        ]


@pytest.fixture
async def sender() -> AsyncIterator[Sender]:
    async with Current(empty(), bot_creators=(ANN,)) as current:
        yield Sender(current)


async def test_a_run_command_is_understood(sender: Sender) -> None:
    turn = await sender.start_turn(await sender.conversation(), streamed=False)
    assert set(sender.decisions()) == {f"run or watch {turn}"}


async def test_a_check_command_is_understood(sender: Sender) -> None:
    turn = await sender.start_turn(await sender.conversation())
    assert set(sender.decisions()) == {f"run or watch {turn}"}


async def test_an_erase_command_is_understood(sender: Sender) -> None:
    conversation = await sender.conversation()
    await sender.current.call(ANN, "DELETE", f"{CONVERSATIONS}/{conversation}")
    assert sender.decisions() == [f"erase {conversation} of {ANN}"]


async def test_a_tool_call_is_understood(sender: Sender) -> None:
    sender.current.model_calls_tool("calculator", expression="2+2")
    turn = await sender.start_turn(await sender.conversation(), streamed=False, tools=["calculator"])
    await sender.current.handle_now("turns")
    (call,) = [each for each in sender.decisions() if each.startswith("call ")]
    assert call.startswith("call calculator for call_")
    assert call.endswith(f" of {turn}")


async def test_a_tool_result_is_understood(sender: Sender) -> None:
    sender.current.model_calls_tool("calculator", expression="2+2")
    turn = await sender.start_turn(await sender.conversation(), streamed=False, tools=["calculator"])
    await sender.current.handle_now("turns")
    await sender.current.handle_now("calls")
    (answer,) = [each for each in sender.decisions() if each.startswith("take ")]
    assert answer.startswith("take the answer to call_")
    assert answer.endswith(f" of {turn}")


async def test_every_recorded_event_type_is_still_published_and_understood(sender: Sender) -> None:
    await publish_everything(sender)
    envelopes = sender.current.outbox()
    published = {json.loads(envelope)["type"] for envelope in envelopes}
    assert {event["type"] for event in RELEASE_2026_11.events} <= published
    assert [each for envelope in envelopes for each in not_understood(envelope)] == []


async def publish_everything(sender: Sender) -> None:
    current, conversation = sender.current, await sender.conversation()
    await current.call(ANN, "PATCH", f"{CONVERSATIONS}/{conversation}", {"title": "Another"})
    await sender.start_turn(conversation)
    current.model_fails()
    await sender.start_turn(conversation)
    for expression in ("2+2", "1/0"):
        current.model_calls_tool("calculator", expression=expression)
        await sender.start_turn(conversation, streamed=False, tools=["calculator"])
        await current.handle_queued_messages()
    queued = await sender.start_turn(conversation, streamed=False)
    await current.call(ANN, "POST", f"/api/chat/turns/{queued}/cancel")
    await current.call(ANN, "DELETE", f"{CONVERSATIONS}/{conversation}")
    _, bot = await current.call(ANN, "POST", "/api/bots/bots", {"title": "Cook"})
    path = f"/api/bots/bots/{bot['id']}"
    await current.call(ANN, "PUT", path, {"title": "Chef"}, If_Match='"1"')
    await current.call(ANN, "DELETE", path)


def not_understood(envelope: str) -> list[str]:
    """Wrong decisions: a handler ignores its type or dead-letters the event."""
    event_type, body = json.loads(envelope)["type"], delivery(envelope)
    return [
        f"{service}: {decision}"
        for service, handled in consumer.HANDLERS.items()
        for decision in [consumer.on_events_queue(service, body)]
        if not decision.startswith("handle " if event_type in handled else "ignored: ")
    ]


def test_the_examples_of_events_are_understood() -> None:
    clock, bot = FakeClock(), "bot_01J00000000000000000000000"
    examples = [conversation_created(clock), model_invoked(clock), turn_cancelled(clock, TURN)]
    examples += [created(bot), updated(bot, 2), deleted(bot, 3)]
    assert [each for example in examples for each in not_understood(example.model_dump_json())] == []


def test_a_recorded_release_understands_its_own_messages(recorded: Recorded) -> None:
    for queue, decide in (("turns", consumer.on_turns_queue), ("calls", consumer.on_calls_queue)):
        decisions = [decide(message["body"], {}) for message in recorded.messages(queue)]
        assert decisions
        assert [each for each in decisions if each.startswith("poison")] == []
    assert [each for event in recorded.events for each in not_understood(json.dumps(event))] == []


@pytest.mark.parametrize(
    ("body", "decision"),
    [
        ({"turn_id": TURN, "since": 1, "type": "run_turn"}, "poison: "),
        ({"turn_id": TURN}, "poison: "),
        ({"conversation_id": "conv_1", "owner_id": ANN, "since": 1}, "erase conv_1 of ann"),
        ({"conversation_id": "conv_1", "owner": ANN, "since": 1}, "poison: "),
    ],
)
def test_the_recorded_release_refuses_unknown_fields_on_the_turns_queue(body: Mapping[str, Any], decision: str) -> None:
    """Its messages forbid unknown fields, so the type of a command must not be put into the body."""
    assert consumer.on_turns_queue(json.dumps(body), {"type": "run_turn"}).startswith(decision)


def test_the_recorded_release_refuses_unknown_versions_and_invalid_events() -> None:
    event = json.loads(turn_cancelled(FakeClock(), TURN).model_dump_json())
    later = {**event, "dataschema": "chat.turn.cancelled/2"}
    unknown = {**event, "type": "chat.turn.paused"}
    without_id = {**event, "data": {**event["data"], "turn_id": "7"}}
    more = {**event, "tenant": "x", "data": {**event["data"], "tenant": "x"}}
    decisions = [
        consumer.on_events_queue("agents", delivery(json.dumps(each))) for each in (later, unknown, without_id, more)
    ]
    assert decisions[0] == "poison: unknown version: chat.turn.cancelled/2"
    assert decisions[1] == "ignored: chat.turn.paused"
    assert decisions[2].startswith("poison: TurnCancelled: turn_id")
    assert decisions[3] == f"handle chat.turn.cancelled of {TURN}"
