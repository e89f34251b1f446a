"""Calendar days in the reader's time zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones


class UnknownZoneError(Exception):
    """No time zone of this name is in the IANA database of this machine."""


@cache
def _known_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def find_zone(name: str) -> tzinfo:
    """The zone of an IANA name. Raises UnknownZoneError."""
    if name == "UTC":  # needs no database
        return UTC
    if name not in _known_zones():
        raise UnknownZoneError(name)
    return ZoneInfo(name)


@dataclass(frozen=True, slots=True)
class Days:
    """The days from `first` to `last`, both included, in `zone`."""

    first: date
    last: date
    zone: tzinfo

    @property
    def begin(self) -> datetime:
        return start_of_day(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The first moment after the last day."""
        return start_of_day(self.last + timedelta(days=1), self.zone)

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


def start_of_day(day: date, zone: tzinfo) -> datetime:
    """The first moment of the day, in UTC; the moment of the change where the clocks skip midnight."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)
