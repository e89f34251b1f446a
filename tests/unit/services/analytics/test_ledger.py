"""The ledger has one row per invocation, in any order and repetition of the events."""

import asyncio
import itertools
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.analytics.calendar import Days, find_zone
from services.analytics.domain import Payer, UsageReport
from services.analytics.tables import RevisionConflictError
from services.analytics.usage import UsageReports
from shared.events.consumer.messages import PoisonMessageError, QueueMessage
from shared.events.envelope import Envelope
from shared.ids import UlidIds
from tests.fakes.clock import START, FakeClock
from tests.fakes.example_events import conversation_created
from tests.fakes.faults import aws_error
from tests.fakes.invocations import opened, settled
from tests.unit.services.analytics.conftest import FakeLedger

CLOCK = FakeClock()
IDS = [UlidIds(CLOCK).new("inv") for _ in range(3)]
COUNTS = st.integers(0, 10**15)


async def test_settling_an_opened_invocation_updates_its_row(ledger: FakeLedger) -> None:
    await ledger.deliver(opened(CLOCK, IDS[0], START))
    assert [row["state"]["S"] for row in ledger.rows()] == ["opened"]
    await ledger.deliver(settled(CLOCK, IDS[0], START))
    assert [(row["state"]["S"], row["cost_nano_usd"]["N"]) for row in ledger.rows()] == [("settled", "5000")]


async def test_a_settled_event_before_the_opened_event_stays(ledger: FakeLedger) -> None:
    await ledger.deliver(settled(CLOCK, IDS[0], START), opened(CLOCK, IDS[0], START))
    assert [row["state"]["S"] for row in ledger.rows()] == ["settled"]


async def test_a_reported_revision_is_not_replaced_by_an_older_estimate(ledger: FakeLedger) -> None:
    estimate = settled(CLOCK, IDS[0], START, basis="estimated", output_tokens=28)
    report = settled(CLOCK, IDS[0], START, revision=3)
    await ledger.deliver(report, estimate)
    assert [(row["basis"]["S"], row["output_tokens"]["N"]) for row in ledger.rows()] == [("reported", "30")]


async def test_a_revision_with_another_payer_or_time_leaves_one_row(
    ledger: FakeLedger,
) -> None:
    await ledger.deliver(opened(CLOCK, IDS[0], START, "ann"))
    await ledger.deliver(settled(CLOCK, IDS[0], START + timedelta(seconds=1), "bob"))
    assert [row["pk"]["S"] for row in ledger.rows()] == ["USER#bob"]


@st.composite
def invocation_events(draw: st.DrawFn) -> list[Envelope]:
    """For some invocations, revisions 1 to at most 4, each with numbers of its own."""
    events = []
    for invocation_id in IDS:
        started = START + timedelta(minutes=draw(st.integers(0, 3 * 24 * 60)))
        events.append(opened(CLOCK, invocation_id, started, input_tokens=draw(COUNTS)))
        for revision in range(2, draw(st.integers(1, 4)) + 1):
            numbers: dict[str, Any] = {
                name: draw(COUNTS) for name in ("input_tokens", "output_tokens", "cache_read_tokens", "cost_nano_usd")
            }
            basis = draw(st.sampled_from(["reported", "estimated"]))
            events.append(settled(CLOCK, invocation_id, started, revision=revision, basis=basis, **numbers))
    return events


@settings(max_examples=60, deadline=None)
@given(events=invocation_events(), data=st.data())
def test_events_in_any_order_and_repeated_give_the_same_table_and_sums(
    events: list[Envelope], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations([*events, *data.draw(st.lists(st.sampled_from(events), max_size=8))]))
    once, again = FakeLedger(), FakeLedger()

    async def deliver_both() -> tuple[UsageReport, UsageReport]:
        await once.deliver(*events)
        await again.deliver(*shuffled)
        return await _report(once), await _report(again)

    first, second = asyncio.run(deliver_both())
    assert once.dump() == again.dump()
    assert first == second
    assert len(once.rows()) == len(IDS)


@settings(max_examples=60, deadline=None)
@given(events=invocation_events(), data=st.data())
def test_events_that_include_each_last_revision_give_the_same_table_as_all(
    events: list[Envelope], data: st.DataObject
) -> None:
    last = [list(group)[-1] for _, group in itertools.groupby(events, key=lambda each: each.subject)]
    some = [each for each in events if each in last or data.draw(st.booleans())]
    whole, part = FakeLedger(), FakeLedger()

    async def deliver_both() -> None:
        await whole.deliver(*events)
        await part.deliver(*data.draw(st.permutations(some)))

    asyncio.run(deliver_both())
    assert whole.dump() == part.dump()


@settings(max_examples=60, deadline=None)
@given(events=invocation_events())
def test_the_report_sums_the_last_revision_of_each_invocation(events: list[Envelope]) -> None:
    ledger = FakeLedger()

    async def deliver() -> UsageReport:
        await ledger.deliver(*events)
        return await _report(ledger)

    report = asyncio.run(deliver())
    last = [list(group)[-1].data for _, group in itertools.groupby(events, key=lambda each: each.subject)]
    paid = [each for each in last if each["state"] == "settled"]
    assert report.totals.cost_nano_usd == sum(each["cost_nano_usd"] for each in paid)
    assert report.totals.output_tokens == sum(each["output_tokens"] for each in paid)
    assert report.totals.estimated_invocations == sum(each["basis"] == "estimated" for each in paid)
    assert report.open_invocations == len(last) - len(paid)
    assert sum(line.totals.cost_nano_usd for line in report.days) == report.totals.cost_nano_usd


async def test_ten_concurrent_deliveries_write_one_row(ledger: FakeLedger) -> None:
    events = [opened(CLOCK, IDS[0], START)]
    events += [settled(CLOCK, IDS[0], START, revision=revision) for revision in range(2, 11)]
    results = await asyncio.gather(*(ledger.deliver(each) for each in events), return_exceptions=True)
    assert all(result is None or isinstance(result, RevisionConflictError) for result in results)
    await ledger.deliver(*events)  # the messages of failed deliveries are delivered again
    assert [row["revision"]["N"] for row in ledger.rows()] == ["10"]


async def test_a_write_that_lost_to_another_revision_is_retried(ledger: FakeLedger) -> None:
    reasons = [{"Code": "ConditionalCheckFailed"}, {"Code": "None"}]
    conflict = aws_error("TransactionCanceledException", "TransactWriteItems", CancellationReasons=reasons)
    ledger.dynamodb.fail("transact_write_items", conflict, times=4)
    await ledger.deliver(settled(CLOCK, IDS[0], START))
    assert len(ledger.rows()) == 1


async def test_a_write_that_loses_five_times_raises_a_revision_conflict(ledger: FakeLedger) -> None:
    reasons = [{"Code": "ConditionalCheckFailed"}, {"Code": "None"}]
    conflict = aws_error("TransactionCanceledException", "TransactWriteItems", CancellationReasons=reasons)
    ledger.dynamodb.fail("transact_write_items", conflict, times=5)
    with pytest.raises(RevisionConflictError):
        await ledger.deliver(settled(CLOCK, IDS[0], START))
    assert ledger.counted() == []


async def test_events_of_other_types_are_counted_only(ledger: FakeLedger) -> None:
    await ledger.deliver(conversation_created(CLOCK), settled(CLOCK, IDS[0], START))
    stranger = conversation_created(CLOCK).model_copy(update={"type": "chat.something.new"})
    await ledger.deliver(stranger)
    assert len(ledger.rows()) == 1
    assert ledger.counted() == ["chat.conversation.created", "chat.model.invoked", "unknown"]


async def test_an_unknown_version_of_an_event_is_poison(ledger: FakeLedger) -> None:
    newer = settled(CLOCK, IDS[0], START).model_copy(update={"dataschema": "chat.model.invoked/2"})
    with pytest.raises(PoisonMessageError, match="unknown version"):
        await ledger.deliver(newer)
    assert ledger.dump() == []


@pytest.mark.parametrize("body", ["", "nonsense", "[]", "{}", '{"detail": {}}', '{"detail": "x"}'])
async def test_a_message_that_is_no_event_is_poison(ledger: FakeLedger, body: str) -> None:
    with pytest.raises(PoisonMessageError):
        await ledger.handle(QueueMessage(id="m", body=body, receipt="r"))


async def _report(ledger: FakeLedger) -> UsageReport:
    days = Days(START.date(), START.date() + timedelta(days=4), find_zone("UTC"))
    return await UsageReports(ledger.table).report(Payer("user", "ann"), days)
