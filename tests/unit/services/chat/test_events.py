"""Events of chat: their types, subjects and sequences; they never contain text of a person or a model."""

from collections.abc import Callable
from typing import Any

import pytest

from services.chat.domain import Conversation, Turn
from services.chat.events import ChatEvents
from services.chat.turns.finish import turn_problem
from shared.catalogue import Usage
from shared.events.catalogue import EVENTS
from shared.events.envelope import Envelope
from shared.ids import UlidIds
from shared.llm.invocation import Invocation
from tests.fakes.chat_models import answer
from tests.fakes.chat_service import FakeChat, until, user
from tests.fakes.clock import FakeClock

CLOCK = FakeClock()
IDS = UlidIds(CLOCK)
CHAT_EVENTS = ChatEvents(CLOCK, IDS)
KNOWN = {event.event_type: event for event in EVENTS}

HEAD = Conversation(
    id=IDS.new("conv"), owner_id="ann", title="canary-title", created_at=CLOCK.now(), updated_at=CLOCK.now(), version=4
)
TURN = Turn(
    id=IDS.new("turn"), conversation_id=HEAD.id, owner_id="ann", principal_kind="machine",
    user_message_id=IDS.new("msg"), message_id=IDS.new("msg"), model="scripted.echo", attempt=0, lease_until=0,
    deadline=1_795_435_800_123, created_at=CLOCK.now(),
)  # fmt: skip
INVOCATION = Invocation(
    id=IDS.new("inv"), turn_id=TURN.id, conversation_id=HEAD.id, owner_id="ann", model="scripted.echo",
    purpose="title", usage=Usage(input_tokens=3, output_tokens=1), cost_nano_usd=8000, price_version="2026-11-01",
    started_at=CLOCK.now(),
)  # fmt: skip


def ended(state: str, **more: Any) -> Envelope:
    return CHAT_EVENTS.turn_ended(TURN.model_copy(update={"state": state, "ended_at": CLOCK.now(), **more}))


ALL: list[tuple[str, Callable[[], Envelope]]] = [
    ("chat.conversation.created", lambda: CHAT_EVENTS.conversation_created(HEAD)),
    ("chat.conversation.renamed", lambda: CHAT_EVENTS.conversation_renamed(HEAD.renamed("canary-title", "service"))),
    ("chat.conversation.deleted", lambda: CHAT_EVENTS.conversation_deleted(HEAD)),
    ("chat.turn.started", lambda: CHAT_EVENTS.turn_started(TURN)),
    ("chat.turn.completed", lambda: ended("completed", stop_reason="end_turn")),
    ("chat.turn.failed", lambda: ended("failed", error=turn_problem("model-silent", "x", "canary-detail"))),
    ("chat.turn.cancelled", lambda: ended("cancelled")),
    ("chat.model.invoked", lambda: CHAT_EVENTS.model_invoked(INVOCATION)),
]


@pytest.mark.parametrize(("kind", "build"), ALL)
def test_each_event_fits_its_declaration_in_the_catalogue(kind: str, build: Callable[[], Envelope]) -> None:
    event = build()
    assert (event.type, event.source) == (kind, "colloquy.chat")
    schema = KNOWN[kind]
    assert schema.model_validate(event.data).model_dump(mode="json") == event.data
    assert event.dataschema == schema.dataschema()


@pytest.mark.parametrize(("_kind", "build"), ALL)
def test_no_event_contains_text_of_a_conversation(_kind: str, build: Callable[[], Envelope]) -> None:
    assert "canary" not in build().model_dump_json()


def test_the_sequence_of_a_conversation_event_is_its_version() -> None:
    assert CHAT_EVENTS.conversation_renamed(HEAD).sequence == 4
    assert CHAT_EVENTS.conversation_deleted(HEAD).sequence > 1000


def test_the_end_of_a_turn_has_a_higher_sequence_than_start_and_takeovers() -> None:
    assert ended("completed", attempt=900).sequence > CHAT_EVENTS.turn_started(TURN).sequence + 900


def test_the_actor_of_a_turn_event_is_the_principal_of_the_turn() -> None:
    event = CHAT_EVENTS.turn_started(TURN)
    assert (event.actor.kind, event.actor.id, event.data["principal_kind"]) == ("machine", "ann", "machine")
    assert event.subject == TURN.id
    assert event.data["deadline"] == "2026-11-23T12:10:00.123000Z"


def test_the_started_event_of_a_queued_turn_has_attempt_one() -> None:
    assert CHAT_EVENTS.turn_started(TURN).data["attempt"] == 1


def test_the_failed_event_has_the_slug_of_its_problem() -> None:
    assert (
        ended("failed", error=turn_problem("model-access-denied", "x")).data.items()
        >= {
            "problem": "model-access-denied",
            "retryable": False,
        }.items()
    )
    assert ended("failed").data["problem"] == "internal-error"


def test_a_completed_event_without_a_stop_reason_has_unknown() -> None:
    assert ended("completed").data["stop_reason"] == "unknown"


def test_the_invoked_event_has_revision_tokens_and_price() -> None:
    event = CHAT_EVENTS.model_invoked(INVOCATION.model_copy(update={"revision": 1}))
    assert (event.subject, event.sequence) == (INVOCATION.id, 1)
    assert event.data.items() >= {
        "invocation_id": INVOCATION.id, "principal_id": "ann", "purpose": "title", "state": "opened",
        "input_tokens": 3, "output_tokens": 1, "cost_nano_usd": 8000, "price_version": "2026-11-01", "basis": None,
    }.items()  # fmt: skip


async def test_the_events_of_a_whole_conversation_contain_none_of_its_text(chat: FakeChat) -> None:
    chat.models.answers = answer("canary-answer")
    chat.models.titles = answer("canary-title")
    head = await chat.open(title=None)
    await chat.ended_turn(head, "canary-question")
    await until(lambda: not chat.tasks._tasks)
    await chat.conversations.rename(user("ann"), head.id, "canary-name")
    await chat.conversations.delete(user("ann"), head.id)
    events = chat.outbox_events()
    assert {each.type for each in events} == {kind for kind, _ in ALL} - {"chat.turn.failed", "chat.turn.cancelled"}
    assert "canary" not in "".join(each.model_dump_json() for each in events)
