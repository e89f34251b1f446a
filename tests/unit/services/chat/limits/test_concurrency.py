"""Limits on running turns and open streams, counted over all processes; a 429 above them."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chat.domain import Conversation
from services.chat.domain.stream_lease import Caller, StreamLease
from services.chat.turns.finish import TurnOutcome
from services.chat.turns.start import StartedTurn
from shared.http.problems.details import problem_response
from shared.identity import Principal
from shared.problems import Problem
from tests.fakes.chat_service import TABLE, FakeChat, idempotent_request, until
from tests.fakes.faults import aws_error

ANN = Caller("ann", "user")
LEASE_S = 30
TURNS, STREAMS = 3, 6


async def heads(chat: FakeChat, count: int) -> list[Conversation]:
    return [await chat.open() for _ in range(count)]


def counted(chat: FakeChat, kind: str = "") -> set[str]:
    """Ids of the turns that count against the limit."""
    items = {item["sk"]["S"]: item for item in chat.dynamodb.items(TABLE)}
    return set(items.get(f"RUNNING{kind}", {}).get("turns", {}).get("SS", []))


class Streams:
    """Streams that are open in one process."""

    def __init__(self, chat: FakeChat) -> None:
        self.chat = chat
        self.open: set[StreamLease] = set()

    async def begin(self, caller: Caller = ANN) -> StreamLease:
        lease = await self.chat.concurrency.open_stream(caller)
        self.open.add(lease)
        self.chat.stream_leases.watch(lease, lambda: lease in self.open)
        return lease

    def end(self, lease: StreamLease) -> None:
        self.open.remove(lease)
        self.chat.stream_leases.release(lease)

    def alive(self) -> int:
        return sum(not lease.lost for lease in self.open)


async def flushed() -> None:
    """Let background tasks run."""
    for _ in range(30):
        await asyncio.sleep(0)


async def test_a_fourth_running_turn_is_refused(chat: FakeChat) -> None:
    started = [await chat.start(head) for head in await heads(chat, TURNS)]
    with pytest.raises(Problem, match="too-many-turns") as refused:
        await chat.start(await chat.open())
    assert problem_response(refused.value, "r").headers["Retry-After"] == "5"
    assert counted(chat) == {each.turn.id for each in started}


async def test_turns_of_other_processes_and_queued_turns_count(chat: FakeChat) -> None:
    other = chat.other_process()
    await chat.start(await chat.open())
    await other.start(await chat.open())
    await other.start(await chat.open(), run_here=False)
    for process in (chat, other):
        for here in (True, False):
            with pytest.raises(Problem, match="too-many-turns"):
                await process.start(await chat.open(), run_here=here)


async def test_each_caller_has_a_count_of_its_own_also_a_machine_with_a_persons_id(chat: FakeChat) -> None:
    for head in await heads(chat, TURNS):
        await chat.start(head)
    assert (await chat.start(await chat.open("bob"))).run
    request = chat.turn_request(await chat.open())
    machine = replace(request, principal=Principal("ann", "machine"))
    turn = (await chat.start_turn.start(machine, run_here=True)).turn
    assert counted(chat, "#machine") == {turn.id}
    await chat.finish_turn.finish(turn, TurnOutcome("completed"), 1)
    assert counted(chat, "#machine") == set()


async def test_an_ended_turn_does_not_count(chat: FakeChat) -> None:
    for head in await heads(chat, TURNS * 2):
        await chat.ended_turn(head)
    assert counted(chat) == set()


async def test_an_ended_turn_of_an_erased_conversation_does_not_count(chat: FakeChat) -> None:
    head = await chat.open()
    turn = (await chat.start(head)).turn
    await chat.store.conversations.erase("ann", head.id)
    await chat.finish_turn.finish(turn, TurnOutcome("cancelled"), 1)
    assert counted(chat) == set()


async def test_ended_turns_left_in_the_count_are_removed_before_a_refusal(chat: FakeChat) -> None:
    started = [await chat.start(head) for head in await heads(chat, TURNS)]
    left = started[0].turn
    await chat.commit([chat.store.turns.ended(left.model_copy(update={"state": "failed"}))])
    await chat.store.turns.erase(started[1].turn.id)
    now = await chat.start(await chat.open())
    assert counted(chat) == {started[2].turn.id, now.turn.id}


async def test_a_repeated_message_returns_its_turn_even_at_the_limit(chat: FakeChat) -> None:
    first, *others = await heads(chat, TURNS)
    started = await chat.start(first, idempotency=idempotent_request())
    for head in others:
        await chat.start(head)
    assert (await chat.start(first, idempotency=idempotent_request())).turn.id == started.turn.id


async def test_a_refused_start_writes_nothing_and_its_key_can_be_used_again(chat: FakeChat) -> None:
    running = [await chat.start(head) for head in await heads(chat, TURNS)]
    head = await chat.open()
    with pytest.raises(Problem, match="too-many-turns"):
        await chat.start(head, idempotency=idempotent_request())
    assert await chat.tree(head.id) == []
    assert (await chat.head(head)).running_turns == set()
    await chat.finish_turn.finish(running[0].turn, TurnOutcome("completed"), 1)
    assert (await chat.start(head, idempotency=idempotent_request())).run


async def test_a_start_that_fails_releases_its_stream_lease(chat: FakeChat) -> None:
    head = await chat.open()
    for _ in range(STREAMS + 1):
        chat.dynamodb.fail("transact_write_items", aws_error("ValidationException"))
        with pytest.raises(Exception, match="ValidationException"):
            await chat.start(head)
    assert (await chat.start(head)).stream_lease


async def test_starting_a_turn_needs_no_extra_request_for_the_limits(chat: FakeChat) -> None:
    head = await chat.open()
    before = len(chat.dynamodb.calls)
    started = await chat.start(head)
    assert started.stream_lease is not None
    assert sorted(chat.dynamodb.calls[before:]) == ["get_item", "query", "transact_write_items"]


async def test_transaction_conflicts_on_the_count_are_retried(chat: FakeChat) -> None:
    reasons = [{"Code": "TransactionConflict"}, {"Code": "None"}]
    error = aws_error("TransactionCanceledException", "TransactWriteItems", CancellationReasons=reasons)
    head = await chat.open()
    chat.dynamodb.fail("transact_write_items", error, times=3)
    assert (await chat.start(head)).run


async def test_a_seventh_open_stream_is_refused_in_every_process(chat: FakeChat) -> None:
    here, there = Streams(chat), Streams(chat.other_process())
    for process in (here, there) * (STREAMS // 2):
        await process.begin()
    for process in (here, there):
        with pytest.raises(Problem, match="too-many-streams"):
            await process.begin()
    assert await here.begin(Caller("bob", "user"))
    there.end(next(iter(there.open)))
    await flushed()
    assert await here.begin()


async def test_without_a_free_slot_for_its_stream_no_turn_is_started(chat: FakeChat) -> None:
    streams, head = Streams(chat.other_process()), await chat.open()
    for _ in range(STREAMS):
        await streams.begin()
    with pytest.raises(Problem, match="too-many-streams"):
        await chat.start(head)
    assert counted(chat) == set()
    assert (await chat.start(head, run_here=False)).turn.attempt == 0


async def test_the_slot_of_a_disconnected_client_is_given_to_the_next_stream(chat: FakeChat) -> None:
    streams = Streams(chat)
    disconnected = [await streams.begin() for _ in range(STREAMS)][2]
    streams.open.remove(disconnected)
    assert (await streams.begin()).slot == disconnected.slot


async def test_parallel_starts_fill_the_limit_exactly(chat: FakeChat) -> None:
    processes = (chat, chat.other_process())
    sends = [processes[number % 2].start(head) for number, head in enumerate(await heads(chat, 10))]
    ended = await asyncio.gather(*sends, return_exceptions=True)
    assert sum(isinstance(each, StartedTurn) for each in ended) == TURNS
    refused = {each.slug for each in ended if isinstance(each, Problem)}
    assert refused <= {"too-many-turns", "too-many-streams"}
    assert len(counted(chat)) == TURNS


class Scenario:
    """Streams of one person in two processes, and the actions of a generated scenario."""

    def __init__(self) -> None:
        self.first = FakeChat()
        self.processes = [Streams(self.first), Streams(self.first.other_process())]
        self.refused = 0

    async def open(self, number: int) -> None:
        try:
            await self.processes[number].begin()
        except Problem:
            self.refused += 1

    async def close(self, number: int) -> None:
        if streams := self.processes[number].open:
            self.processes[number].end(next(iter(streams)))
            await flushed()

    async def kill(self, number: int) -> None:
        self.processes[number] = Streams(self.first.other_process())

    async def wait(self, number: int) -> None:
        for _ in range(1 + number * 8):
            self.first.clock.advance(4)
            for process in self.processes:
                await process.chat.stream_leases.check()

    def alive(self) -> int:
        return sum(process.alive() for process in self.processes)


@given(st.lists(st.tuples(st.sampled_from(["open", "open", "open", "close", "kill", "wait"]), st.integers(0, 1))))
@settings(deadline=None, max_examples=60)
def test_the_limit_holds_while_streams_open_and_close_and_processes_are_killed(actions: list[tuple[str, int]]) -> None:
    asyncio.run(_run_scenario(actions))


async def _run_scenario(actions: list[tuple[str, int]]) -> None:
    scenario = Scenario()
    for action, number in actions:
        before, refused = scenario.alive(), scenario.refused
        await getattr(scenario, action)(number)
        assert scenario.alive() <= STREAMS
        if action == "open" and not any(kind == "kill" for kind, _ in actions):
            assert (scenario.refused > refused) == (before == STREAMS), "refused if and only if all slots are taken"
    for number in (0, 1):
        while scenario.processes[number].open:
            await scenario.close(number)
        await scenario.kill(number)
    scenario.first.clock.advance(LEASE_S)
    for _ in range(STREAMS):
        await scenario.processes[0].begin()
    assert scenario.alive() == STREAMS


@given(st.lists(st.integers(0, 2), min_size=1, max_size=12))
@settings(deadline=None, max_examples=25)
def test_turns_that_start_and_end_in_any_process_never_exceed_the_limit(pauses: list[int]) -> None:
    asyncio.run(_turns(pauses))


async def _turns(pauses: list[int]) -> None:
    chat = FakeChat()
    processes = (chat, chat.other_process())
    running: list[StartedTurn] = []
    for number, pause in enumerate(pauses):
        head, process = await chat.open(), processes[number % 2]
        if len(running) == TURNS:
            with pytest.raises(Problem, match="too-many-turns"):
                await process.start(head, run_here=False)
        else:
            running.append(await process.start(head, run_here=False))
        for _ in range(min(pause, len(running))):
            await chat.finish_turn.finish(running.pop(0).turn, TurnOutcome("cancelled"), 0)
        assert counted(chat) == {each.turn.id for each in running}


async def test_the_stream_lease_of_a_started_turn_can_be_released(chat: FakeChat) -> None:
    started = await chat.start(await chat.open())
    assert started.stream_lease is not None
    assert chat.stream_leases.slots(ANN) == {started.stream_lease.slot}
    chat.stream_leases.watch(started.stream_lease, lambda: True)
    chat.stream_leases.release(started.stream_lease)
    await until(lambda: not chat.stream_leases.slots(ANN))
