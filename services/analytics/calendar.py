"""Days as the reader's clock on the wall has them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones


class UnknownZoneError(Exception):
    """No time zone of this name is in the IANA database of this machine."""


@cache
def _known_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_of(name: str) -> tzinfo:
    """The zone of an IANA name. Raises UnknownZoneError."""
    if name == "UTC":  # needs no database
        return UTC
    if name not in _known_zones():
        raise UnknownZoneError(name)
    return ZoneInfo(name)


@dataclass(frozen=True, slots=True)
class Days:
    """From `first` to `last`, both included, in `zone`."""

    first: date
    last: date
    zone: tzinfo

    @property
    def begin(self) -> datetime:
        return begin_of(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The first moment after them."""
        return begin_of(self.last + timedelta(days=1), self.zone)

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


def begin_of(day: date, zone: tzinfo) -> datetime:
    """A day's first moment, in UTC. Where clocks jump over midnight it is the moment of the jump."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)
