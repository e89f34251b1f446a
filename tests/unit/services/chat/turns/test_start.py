"""Starting a turn: one transaction, before the model is called and after the message is sent."""

import json
from collections.abc import Collection
from dataclasses import replace

import pytest

from services.chat.domain import TextBlock, Turn
from services.chat.turns.start import choose_model
from shared.catalogue import Catalogue
from shared.identity import Principal
from shared.problems import Problem
from shared.telemetry.spans import trace_context
from tests.fakes.chat_service import LEASE_S, MODEL, TABLE, TURNS, WATCHDOGS, FakeChat, user
from tests.fakes.faults import aws_error

UNKNOWN = "msg_01J00000000000000000000000"
TRACE = f"00-{'a' * 32}-{'b' * 16}-01"


async def test_a_start_writes_question_turn_head_log_invocation_and_events_together(chat: FakeChat) -> None:
    head = await chat.open()
    chat.clock.advance(5)
    started = await chat.start(head, "Where to?")
    turn = await chat.turn(started.turn.id)
    assert turn == started.turn
    assert (turn.state, turn.attempt, turn.owner_id, turn.model) == ("running", 1, "ann", MODEL)
    assert turn.lease_until == chat.now() + LEASE_S * 1000
    assert turn.deadline == chat.now() + 600_000
    question = await chat.store.messages.get(head.id, turn.user_message_id)
    assert question is not None
    assert (question.role, question.content, question.parent_id) == ("user", [TextBlock(text="Where to?")], None)
    now = await chat.head(head)
    assert (now.running_turns, now.last_message_id, now.model) == ({turn.id}, question.id, MODEL)
    assert now.updated_at == chat.clock.now()
    assert [each.type for each in chat.outbox_events()[1:]] == ["chat.turn.started", "chat.model.invoked"]
    assert [each.id for each in chat.notified] == [each.id for each in chat.outbox_events()]
    assert chat.dynamodb.calls.count("transact_write_items") == 2  # the conversation's, and this one


async def test_the_first_frame_is_in_the_log_with_all_ids(chat: FakeChat) -> None:
    started = await chat.start(await chat.open())
    (frame,) = await chat.log(started.turn)
    assert (frame.seq, frame.event) == (1, "turn.started")
    assert json.loads(frame.data) == {
        "turn_id": started.turn.id,
        "conversation_id": started.turn.conversation_id,
        "user_message_id": started.turn.user_message_id,
        "message_id": started.turn.message_id,
        "model": MODEL,
        "attempt": 1,
    }
    assert started.run is not None
    assert started.run.held.frames == [frame]


async def test_a_start_calls_no_model(chat: FakeChat) -> None:
    await chat.start(await chat.open())
    assert chat.models.requests == []


async def test_the_check_is_scheduled_before_the_turn_is_committed(chat: FakeChat) -> None:
    head = await chat.open()
    chat.dynamodb.fail("transact_write_items", aws_error("ValidationException"))
    with pytest.raises(Exception, match="ValidationException"):
        await chat.start(head)
    (body,) = chat.world.sqs.bodies(WATCHDOGS)
    assert json.loads(body)["turn_id"].startswith("turn_")
    assert chat.world.sqs.visible_in(WATCHDOGS) == [LEASE_S + 1]
    assert not [pk for pk, _ in chat.stored_keys() if pk.startswith("TURN#")]


async def test_when_no_message_can_be_sent_nothing_is_started(chat: FakeChat) -> None:
    head = await chat.open()
    chat.world.sqs.fail("send_message", aws_error("ServiceUnavailable"))
    with pytest.raises(Exception, match="ServiceUnavailable"):
        await chat.start(head)
    assert not [pk for pk, _ in chat.stored_keys() if pk.startswith(("TURN#", "CONV#"))]


async def test_a_queued_turn_has_no_lease_no_frame_and_no_invocation(chat: FakeChat) -> None:
    started = await chat.start(await chat.open(), run_here=False)
    assert started.run is None
    turn = await chat.turn(started.turn.id)
    assert (turn.attempt, turn.lease_until, turn.state) == (0, 0, "running")
    assert await chat.log(turn) == []
    assert await chat.store.invocations.of_turn(turn.id) == []
    assert chat.world.sqs.visible_in(TURNS) == [0]
    assert [each.data["attempt"] for each in chat.outbox_events("turn.started")] == [1]


async def test_the_answers_parent_is_the_latest_answer(chat: FakeChat) -> None:
    head = await chat.open()
    first = await chat.ended_turn(head)
    second = await chat.start(head, "And then?")
    question = await chat.store.messages.get(head.id, second.turn.user_message_id)
    assert question is not None
    assert question.parent_id == first.message_id
    assert second.run is not None
    assert [each.text for each in second.run.context.prompt] == ["Hello?", "Hello there.", "And then?"]


async def test_a_message_may_start_a_new_root_or_a_branch(chat: FakeChat) -> None:
    head = await chat.open()
    first = await chat.ended_turn(head)
    await chat.ended_turn(head, "Second")
    anew = (await chat.start(head, "Anew", parent_id=None)).run
    branch = (await chat.start(head, "Branch", parent_id=first.message_id)).run
    assert anew is not None
    assert [each.text for each in anew.context.prompt] == ["Anew"]
    assert branch is not None
    assert [each.text for each in branch.context.prompt] == ["Hello?", "Hello there.", "Branch"]


async def test_a_message_goes_under_an_answer_of_its_own_conversation(chat: FakeChat) -> None:
    head, other = await chat.open(), await chat.open()
    turn = await chat.ended_turn(head)
    for parent_id in (UNKNOWN, turn.user_message_id):
        with pytest.raises(Problem, match="not-found"):
            await chat.start(head, parent_id=parent_id)
    with pytest.raises(Problem, match="not-found"):
        await chat.start(other, parent_id=turn.message_id)


async def test_a_message_may_be_answered_again(chat: FakeChat) -> None:
    head = await chat.open()
    first = await chat.ended_turn(head, "Where to?")
    again = await chat.ended_turn(head, answer_to=first.user_message_id, model="scripted.fast")
    assert again.user_message_id == first.user_message_id
    assert again.message_id != first.message_id
    tree = {each.id: each for each in await chat.tree(head.id)}
    assert len(tree) == 3
    assert tree[again.message_id].parent_id == first.user_message_id
    assert tree[again.message_id].model == "scripted.fast"


async def test_only_a_persons_own_message_can_be_answered(chat: FakeChat) -> None:
    head = await chat.open()
    turn = await chat.ended_turn(head)
    for message_id in (UNKNOWN, turn.message_id):
        with pytest.raises(Problem, match="not-found"):
            await chat.start(head, answer_to=message_id)


async def test_no_message_may_follow_an_unfinished_answer(chat: FakeChat) -> None:
    head = await chat.open()
    turn = (await chat.start(head)).turn
    for request in ({}, {"parent_id": turn.message_id}, {"answer_to": turn.user_message_id}):
        with pytest.raises(Problem, match="turn-in-progress"):
            await chat.start(head, **request)
    assert (await chat.start(head, "Elsewhere", parent_id=None)).run


async def test_another_branch_may_start_while_a_turn_runs(chat: FakeChat) -> None:
    head = await chat.open()
    first = await chat.ended_turn(head)
    await chat.start(head, "Second")
    assert (await chat.start(head, "Branch", parent_id=first.message_id)).run


async def test_a_turn_that_ends_between_two_reads_counts_as_in_progress(chat: FakeChat) -> None:
    head = await chat.open()
    _, task = await chat.running_turn(head)
    look = chat.store.turns.get_many

    async def look_after_the_end(turn_ids: Collection[str]) -> list[Turn]:
        await task
        return await look(turn_ids)

    chat.store.turns.get_many = look_after_the_end  # type: ignore[method-assign]
    with pytest.raises(Problem, match="turn-in-progress"):
        await chat.start(head)
    assert (await chat.start(head)).run


@pytest.mark.parametrize("owner", ["bob", "ann#x"])
async def test_the_conversation_of_another_person_is_not_found(chat: FakeChat, owner: str) -> None:
    head = await chat.open()
    request = chat.turn_request(head)
    with pytest.raises(Problem, match="not-found"):
        await chat.start_turn.start(replace(request, principal=Principal(owner, "user")), run_here=True)
    assert not chat.outbox_events("turn")


async def test_a_deleted_conversation_accepts_no_message(chat: FakeChat) -> None:
    head = await chat.open()
    await chat.conversations.delete(user("ann"), head.id)
    with pytest.raises(Problem, match="not-found"):
        await chat.start(head)


async def test_a_conversation_that_is_deleted_meanwhile_accepts_no_message(chat: FakeChat) -> None:
    head = await chat.open()
    read = chat.store.conversations.get

    async def read_then_deleted(owner_id: str, conversation_id: str) -> object:
        found = await read(owner_id, conversation_id)
        await chat.commit([chat.store.conversations.marked_deleted(head, chat.clock.now())])
        return found

    chat.store.conversations.get = read_then_deleted  # type: ignore[assignment, method-assign]
    with pytest.raises(Problem, match="not-found"):
        await chat.start(head)
    assert [pk for pk, _ in chat.stored_keys()] == ["USER#ann"]
    assert not chat.outbox_events("turn")


async def test_the_model_is_the_requested_one_else_the_conversations_else_the_default(chat: FakeChat) -> None:
    head = await chat.open()
    assert (await chat.ended_turn(head)).model == MODEL
    assert (await chat.ended_turn(head, model="scripted.fast")).model == "scripted.fast"
    assert (await chat.ended_turn(head)).model == "scripted.fast"


async def test_a_model_that_is_not_offered_is_refused_before_anything_is_written(chat: FakeChat) -> None:
    head = await chat.open()
    with pytest.raises(Problem, match="model-not-found"):
        await chat.start(head, model="claude-opus-4-7")
    assert [pk for pk, _ in chat.stored_keys()] == ["USER#ann"]


async def test_a_conversation_whose_model_is_no_longer_offered_goes_on_with_the_default(chat: FakeChat) -> None:
    head = await chat.open()
    await chat.ended_turn(head, model="scripted.fast")
    later = chat.other_process(allowed_models=(MODEL,))
    assert (await later.ended_turn(head)).model == MODEL


def test_without_a_default_the_first_model_is_used_and_without_models_it_fails() -> None:
    offered = Catalogue.offered(("scripted",))
    first = next(iter(offered))
    assert choose_model(offered, None) == first
    assert choose_model(offered, None, None, "gone") == first
    with pytest.raises(Problem, match="model-not-found"):
        choose_model(Catalogue([], "v"), None)


async def test_a_title_is_made_for_the_first_message_of_an_untitled_conversation_only(chat: FakeChat) -> None:
    named, untitled = await chat.open(), await chat.open(title=None)
    assert not (await chat.start(named)).turn.makes_title
    assert (await chat.start(untitled)).turn.makes_title


async def test_a_later_message_makes_no_title(chat: FakeChat) -> None:
    head = await chat.open(title=None)
    chat.models.titles = [RuntimeError("no title")]
    first = await chat.ended_turn(head)
    assert not (await chat.start(head)).turn.makes_title
    assert (await chat.start(head, answer_to=first.user_message_id)).turn.makes_title


async def test_a_turn_stores_its_trace_and_its_principal(chat: FakeChat) -> None:
    request = chat.turn_request(await chat.open())
    machine = replace(request, principal=Principal("ann", "machine"), reasoning=True)
    with trace_context(TRACE):
        turn = (await chat.start_turn.start(machine, run_here=True)).turn
    assert (turn.traceparent, turn.principal_kind, turn.reasoning) == (TRACE, "machine", True)
    (event,) = chat.outbox_events("turn.started")
    assert (event.traceparent, event.actor.kind) == (TRACE, "machine")


async def test_no_event_contains_content(chat: FakeChat) -> None:
    await chat.start(await chat.open(title="canary-title"), "canary-words")
    assert "canary" not in str(chat.outbox_events())
    assert "canary" in str(chat.dynamodb.items(TABLE))
