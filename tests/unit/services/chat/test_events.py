"""What others hear of chat: which events, about what, in which order, and never a word that anybody said."""

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
TELLER = ChatEvents(CLOCK, IDS)
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
    return TELLER.turn_ended(TURN.model_copy(update={"state": state, "ended_at": CLOCK.now(), **more}))


ALL: list[tuple[str, Callable[[], Envelope]]] = [
    ("chat.conversation.created", lambda: TELLER.conversation_created(HEAD)),
    ("chat.conversation.renamed", lambda: TELLER.conversation_renamed(HEAD.renamed("canary-title", "service"))),
    ("chat.conversation.deleted", lambda: TELLER.conversation_deleted(HEAD)),
    ("chat.turn.started", lambda: TELLER.turn_started(TURN)),
    ("chat.turn.completed", lambda: ended("completed", stop_reason="end_turn")),
    ("chat.turn.failed", lambda: ended("failed", error=turn_problem("model-silent", "x", "canary-detail"))),
    ("chat.turn.cancelled", lambda: ended("cancelled")),
    ("chat.model.invoked", lambda: TELLER.model_invoked(INVOCATION)),
]


@pytest.mark.parametrize(("kind", "tell"), ALL)
def test_each_event_is_one_of_the_catalogue_and_holds_all_it_promises(kind: str, tell: Callable[[], Envelope]) -> None:
    told = tell()
    assert (told.type, told.source) == (kind, "colloquy.chat")
    event = KNOWN[kind]
    assert event.model_validate(told.data).model_dump(mode="json") == told.data
    assert told.dataschema == event.dataschema()


@pytest.mark.parametrize(("_kind", "tell"), ALL)
def test_no_event_holds_a_word(_kind: str, tell: Callable[[], Envelope]) -> None:
    assert "canary" not in tell().model_dump_json()


def test_conversations_are_told_in_their_versions() -> None:
    assert TELLER.conversation_renamed(HEAD).sequence == 4
    assert TELLER.conversation_deleted(HEAD).sequence > 1000


def test_an_end_is_later_than_the_start_and_any_takeover() -> None:
    assert ended("completed", attempt=900).sequence > TELLER.turn_started(TURN).sequence + 900


def test_a_turn_is_told_on_behalf_of_who_asked() -> None:
    told = TELLER.turn_started(TURN)
    assert (told.actor.kind, told.actor.id, told.data["principal_kind"]) == ("machine", "ann", "machine")
    assert told.subject == TURN.id
    assert told.data["deadline"] == "2026-11-23T12:10:00.123000Z"


def test_a_turn_that_nobody_has_begun_is_told_as_its_first_attempt() -> None:
    assert TELLER.turn_started(TURN).data["attempt"] == 1


def test_a_failure_is_told_by_its_slug() -> None:
    assert (
        ended("failed", error=turn_problem("model-access-denied", "x")).data.items()
        >= {
            "problem": "model-access-denied",
            "retryable": False,
        }.items()
    )
    assert ended("failed").data["problem"] == "internal-error"


def test_an_end_without_a_reason_is_told_as_unknown() -> None:
    assert ended("completed").data["stop_reason"] == "unknown"


def test_an_invocation_is_told_with_its_revision_tokens_and_price() -> None:
    told = TELLER.model_invoked(INVOCATION.model_copy(update={"revision": 1}))
    assert (told.subject, told.sequence) == (INVOCATION.id, 1)
    assert told.data.items() >= {
        "invocation_id": INVOCATION.id, "principal_id": "ann", "purpose": "title", "state": "opened",
        "input_tokens": 3, "output_tokens": 1, "cost_nano_usd": 8000, "price_version": "2026-11-01", "basis": None,
    }.items()  # fmt: skip


async def test_a_whole_conversation_is_told_without_a_word_of_it(chat: FakeChat) -> None:
    chat.models.answers = answer("canary-answer")
    chat.models.titles = answer("canary-title")
    head = await chat.open(title=None)
    await chat.ended_turn(head, "canary-question")
    await until(lambda: not chat.tasks._tasks)
    await chat.conversations.rename(user("ann"), head.id, "canary-name")
    await chat.conversations.delete(user("ann"), head.id)
    told = chat.outbox_events()
    assert {each.type for each in told} == {kind for kind, _ in ALL} - {"chat.turn.failed", "chat.turn.cancelled"}
    assert "canary" not in "".join(each.model_dump_json() for each in told)
