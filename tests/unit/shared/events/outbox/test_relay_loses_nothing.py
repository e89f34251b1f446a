"""With any failures in any order every committed event is published at least once, and the outbox becomes empty."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import EndpointConnectionError
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.events.catalogue.chat import ModelInvoked
from shared.events.consumer.dispatch import EventHandlers
from shared.events.consumer.poller import Poller
from shared.events.envelope import Envelope
from shared.events.outbox import rows as outbox
from shared.events.outbox.relay import Relay
from tests.fakes.clock import FakeClock
from tests.fakes.dynamodb import FakeDynamoDb
from tests.fakes.event_bus import FakeEventBus, Rule
from tests.fakes.example_events import conversation_created, model_invoked
from tests.fakes.faults import aws_error
from tests.fakes.sqs import FakeSqs
from tests.polling import until_true

CALLS = st.sampled_from(
    [("put_events", "bus"), ("batch_write_item", "dynamodb"), ("query", "dynamodb"), ("send_message", "sqs")]
)
ERRORS = st.sampled_from(
    [
        aws_error("ServiceUnavailable"),
        aws_error("ThrottlingException"),
        aws_error("InternalServerError"),
        EndpointConnectionError(endpoint_url="x"),
    ]
)
ENTRY_CODES = st.sampled_from([None, None, None, "InternalFailure", "ThrottlingException", "MalformedDetail"])


@settings(deadline=None, max_examples=60)
@given(
    committed=st.lists(st.booleans(), max_size=25),
    faults=st.lists(st.tuples(CALLS, ERRORS, st.integers(1, 3)), max_size=8),
    entry_codes=st.lists(ENTRY_CODES, max_size=30),
    relays=st.integers(1, 3),
)
async def test_every_event_is_published_or_dead_lettered_and_the_outbox_becomes_empty(
    committed: list[bool],
    faults: list[tuple[tuple[str, str], Exception, int]],
    entry_codes: list[str | None],
    relays: int,
) -> None:
    clock, dynamodb, bus = FakeClock(), FakeDynamoDb(), FakeEventBus()
    sqs = FakeSqs(clock)
    clients: dict[str, Any] = {"bus": bus, "dynamodb": dynamodb, "sqs": sqs}
    for (operation, client), error, times in faults:
        clients[client].fail(operation, error, times)
    codes = list(entry_codes)

    def refuse(_detail: Mapping[str, Any]) -> str | None:
        return codes.pop() if codes else None

    bus.refuse = refuse
    stop, envelopes = asyncio.Event(), []
    running = [Relay(dynamodb, bus, sqs, "t", "bus", "dead", clock) for _ in range(relays)]  # type: ignore[arg-type]
    async with asyncio.TaskGroup() as group:
        for relay in running:
            group.create_task(relay.run(stop))
        for notified in committed:
            envelopes.append(conversation_created(clock))
            await dynamodb.transact_write_items(TransactItems=[outbox.write("t", envelopes[-1])])
            if notified:
                running[0].notify([envelopes[-1]])
            await asyncio.sleep(0)
        await until_true(lambda: not dynamodb.items("t"))
        stop.set()
    dead_lettered = {json.loads(body)["id"] for body in sqs.bodies("dead")}
    assert set(bus.ids()) | dead_lettered == {envelope.id for envelope in envelopes}


@settings(deadline=None, max_examples=40)
@given(
    revisions=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), min_size=1, max_size=20, unique=True),
    order=st.randoms(use_true_random=False),
    failures=st.integers(0, 5),
)
async def test_the_ledger_has_the_highest_revision_after_repeated_reordered_and_failed_deliveries(
    revisions: list[tuple[int, int]], order: Any, failures: int
) -> None:
    """Consumers use a natural key and the sequence, so repeated and reordered deliveries change nothing."""
    clock, dynamodb = FakeClock(), FakeDynamoDb()
    sqs = FakeSqs(clock)
    bus = FakeEventBus(sqs, [Rule("chat.", "ledger")])
    invocations = [model_invoked(clock).data["invocation_id"] for _ in range(4)]
    envelopes = [
        model_invoked(clock, invocation_id=invocations[which], revision=revision) for which, revision in revisions
    ]
    for envelope in envelopes:
        await dynamodb.transact_write_items(TransactItems=[outbox.write("t", envelope)])
    clock.advance(2)
    relays = [Relay(dynamodb, bus, sqs, "t", "bus", "dead", clock) for _ in range(2)]  # type: ignore[arg-type]
    await asyncio.gather(*(relay.sweep() for relay in relays))  # both publish the rows that neither has deleted yet
    order.shuffle(sqs.queue("ledger").messages)
    ledger: dict[str, int] = {}
    left = [LookupError()] * failures

    async def record(_envelope: Envelope, data: ModelInvoked) -> None:
        if left:
            raise left.pop()
        if data.revision > ledger.get(data.invocation_id, 0):
            ledger[data.invocation_id] = data.revision

    stop = asyncio.Event()
    handlers = EventHandlers({ModelInvoked: record})
    poller = Poller(sqs, "ledger", "dead", handlers, clock=clock)  # type: ignore[arg-type]

    def settled() -> bool:
        clock.advance(1)
        return not sqs.bodies("ledger")

    async with asyncio.TaskGroup() as group:
        group.create_task(poller.run(stop))
        await until_true(settled)
        stop.set()
    highest = Counter[str]()
    for which, revision in revisions:
        highest[invocations[which]] = max(highest[invocations[which]], revision)
    assert ledger == dict(highest)
    assert sqs.bodies("dead") == []
