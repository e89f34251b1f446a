"""`GET /api/analytics/usage/me`: a person's usage by day, in the time zone of the request."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.analytics import usage as reports
from shared.ids import UlidIds
from tests.fakes.clock import START, FakeClock
from tests.fakes.dynamodb import MAX_PAGE_BYTES
from tests.fakes.invocations import opened, settled
from tests.unit.services.analytics.conftest import Analytics

CLOCK = FakeClock()
IDS = UlidIds(CLOCK)


def new_invocation_id() -> str:
    return IDS.new("inv")


async def test_without_invocations_the_report_has_zeros(analytics: Analytics) -> None:
    status, report = await analytics.usage()
    assert status == 200
    assert report == {
        "from": "2026-10-25",
        "to": "2026-11-23",
        "tz": "UTC",
        "currency": "nano-USD",
        "days": [],
        "totals": {
            "invocations": 0,
            "input_tokens": 0,
            "output_tokens": 0,
            "cache_read_tokens": 0,
            "cache_write_tokens": 0,
            "cost_nano_usd": 0,
            "estimated_invocations": 0,
            "open_invocations": 0,
        },
    }


async def test_invocations_are_summed_by_day_and_model(analytics: Analytics) -> None:
    yesterday = START - timedelta(days=1)
    await analytics.ledger.deliver(
        settled(CLOCK, new_invocation_id(), START),
        settled(CLOCK, new_invocation_id(), START, output_tokens=70, cost_nano_usd=1, basis="estimated"),
        settled(CLOCK, new_invocation_id(), START, model="scripted.lorem", cache_read_tokens=7, cache_write_tokens=9),
        settled(CLOCK, new_invocation_id(), yesterday),
        opened(CLOCK, new_invocation_id(), START),
    )
    _, report = await analytics.usage()
    shown = [(line["date"], line["model"], line["invocations"], line["cost_nano_usd"]) for line in report["days"]]
    assert shown == [
        ("2026-11-22", "scripted.echo", 1, 5_000),
        ("2026-11-23", "scripted.echo", 2, 5_001),
        ("2026-11-23", "scripted.lorem", 1, 5_000),
    ]
    assert report["days"][1]["output_tokens"] == 100
    assert report["days"][1]["estimated_invocations"] == 1
    assert report["totals"] == {
        "invocations": 4,
        "input_tokens": 48,
        "output_tokens": 160,
        "cache_read_tokens": 7,
        "cache_write_tokens": 9,
        "cost_nano_usd": 15_001,
        "estimated_invocations": 1,
        "open_invocations": 1,
    }


async def test_the_report_leaves_out_the_usage_of_other_principals(analytics: Analytics) -> None:
    await analytics.ledger.deliver(settled(CLOCK, new_invocation_id(), START, "bob"))
    await analytics.ledger.deliver(settled(CLOCK, new_invocation_id(), START, "ann", principal_kind="machine"))
    _, report = await analytics.usage("ann")
    assert report["totals"]["invocations"] == 0


async def test_days_are_those_of_the_requested_time_zone(analytics: Analytics) -> None:
    late = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)  # 05:00 of the 23rd in Seoul, 10:00 of the 22nd in Honolulu
    await analytics.ledger.deliver(settled(CLOCK, new_invocation_id(), late))
    for tz, day in (("Asia/Seoul", "2026-11-23"), ("UTC", "2026-11-22"), ("Pacific/Honolulu", "2026-11-22")):
        _, report = await analytics.usage(tz=tz)
        assert [line["date"] for line in report["days"]] == [day]
        _, report = await analytics.usage(tz=tz, from_=day, to=day)
        assert report["totals"]["invocations"] == 1


async def test_the_last_day_is_included_and_the_next_one_is_not(analytics: Analytics) -> None:
    end = datetime(2026, 11, 22, 23, 59, 59, 999_999, tzinfo=UTC)
    await analytics.ledger.deliver(
        settled(CLOCK, new_invocation_id(), end),
        settled(CLOCK, new_invocation_id(), end + timedelta(microseconds=1)),
        settled(CLOCK, new_invocation_id(), datetime(2026, 11, 21, tzinfo=UTC)),
        settled(CLOCK, new_invocation_id(), datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)),
    )
    _, report = await analytics.usage(from_="2026-11-21", to="2026-11-22")
    assert [line["date"] for line in report["days"]] == ["2026-11-21", "2026-11-22"]
    assert report["totals"]["invocations"] == 2


async def test_the_default_last_day_is_today_in_the_requested_time_zone(analytics: Analytics) -> None:
    analytics.ledger.clock.advance(13 * 3600)  # 01:00 UTC of the 24th
    assert (await analytics.usage())[1]["to"] == "2026-11-24"
    assert (await analytics.usage(tz="America/New_York"))[1]["to"] == "2026-11-23"


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"from_": "2026-11-24"}, "?from"),
        ({"from_": "2026-11-02", "to": "2026-11-01"}, "?from"),
        ({"from_": "2025-11-01", "to": "2026-11-23"}, "?from"),
        ({"from_": "yesterday"}, "?from"),
        ({"from_": "1700000000"}, "?from"),
        ({"from_": "0001-01-01"}, "?from"),
        ({"to": "9999-12-31"}, "?to"),
        ({"to": "2026-02-30"}, "?to"),
        ({"tz": "Mars/Olympus"}, "?tz"),
        ({"tz": "../../etc/passwd"}, "?tz"),
        ({"tz": "America"}, "?tz"),
        ({"tz": ""}, "?tz"),
        ({"user": "bob"}, "?user"),
    ],
)
async def test_an_invalid_query_is_refused_and_the_problem_names_the_parameter(
    analytics: Analytics, query: dict[str, str], pointer: str
) -> None:
    status, problem = await analytics.usage(**query)
    assert (status, problem["type"]) == (422, "/problems/invalid-request")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


async def test_a_whole_leap_year_is_allowed(analytics: Analytics) -> None:
    assert (await analytics.usage(from_="2024-01-01", to="2024-12-31"))[0] == 200


async def test_without_a_token_the_request_is_refused(analytics: Analytics) -> None:
    async with analytics.client.get("/api/analytics/usage/me") as answer:
        assert answer.status == 401


async def test_invocations_are_read_page_by_page(analytics: Analytics, monkeypatch: pytest.MonkeyPatch) -> None:
    events = [settled(CLOCK, new_invocation_id(), START + timedelta(seconds=number)) for number in range(25)]
    await analytics.ledger.deliver(*events)
    query, requests = analytics.ledger.dynamodb.query, []

    async def in_small_pages(**request: Any) -> dict[str, Any]:
        requests.append(request)
        return await query(**request, Limit=10)

    analytics.ledger.dynamodb.page_bytes = MAX_PAGE_BYTES
    monkeypatch.setattr(analytics.ledger.dynamodb, "query", in_small_pages)
    assert (await analytics.usage())[1]["totals"]["invocations"] == 25
    assert len(requests) == 3


async def test_a_report_with_too_many_invocations_is_refused(
    analytics: Analytics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "INVOCATIONS_PER_REPORT", 2)
    await analytics.ledger.deliver(*(settled(CLOCK, new_invocation_id(), START) for _ in range(3)))
    status, problem = await analytics.usage()
    assert (status, problem["errors"][0]["pointer"]) == (422, "?from")
