"""Every instant belongs to exactly one day in every time zone, also when clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.calendar import Days, UnknownZoneError, find_zone, start_of_day

ZONES = st.sampled_from(sorted(available_timezones()))
DAYS = st.dates(date(2020, 1, 1), date(2037, 12, 31))


@given(zone=ZONES, day=DAYS)
def test_a_day_ends_where_the_next_begins(zone: str, day: date) -> None:
    days = Days(day, day, find_zone(zone))
    assert days.end == start_of_day(day + timedelta(days=1), days.zone)
    assert timedelta(hours=20) <= days.end - days.begin <= timedelta(hours=28)
    assert days.day_of(days.begin) == day
    assert days.day_of(days.end - timedelta(microseconds=1)) == day
    assert days.day_of(days.end) == day + timedelta(days=1)
    assert days.day_of(days.begin - timedelta(microseconds=1)) == day - timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "day", "begin"),
    [
        ("Africa/Cairo", date(2024, 4, 26), datetime(2024, 4, 25, 22, tzinfo=UTC)),  # midnight does not exist
        ("America/Havana", date(2024, 11, 3), datetime(2024, 11, 3, 4, tzinfo=UTC)),  # midnight comes twice
        ("Asia/Kathmandu", date(2026, 11, 23), datetime(2026, 11, 22, 18, 15, tzinfo=UTC)),
        ("UTC", date(2026, 11, 23), datetime(2026, 11, 23, tzinfo=UTC)),
    ],
)
def test_a_day_begins_at_its_first_instant_in_the_zone(zone: str, day: date, begin: datetime) -> None:
    assert start_of_day(day, find_zone(zone)) == begin


@pytest.mark.parametrize("name", ["", "Nowhere/Else", "../../etc/passwd", "/etc/localtime", "America", "right/UTC"])
def test_a_name_that_is_no_time_zone_raises_unknown_zone(name: str) -> None:
    with pytest.raises(UnknownZoneError):
        find_zone(name)
