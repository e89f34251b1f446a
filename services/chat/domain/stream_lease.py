"""What one caller occupies at a time: turns that run, and numbered seats for streams that are open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from services.chat.domain.turn import Turn
from shared.identity import Principal
from shared.identity.principal import Kind


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is counted: a person, an API key, or a person on whose behalf a service asks."""

    subject: str
    kind: Kind

    @classmethod
    def of(cls, principal: Principal) -> Self:
        return cls(principal.subject, principal.kind)

    @classmethod
    def of_turn(cls, turn: Turn) -> Self:
        return cls(turn.owner_id, turn.principal_kind)


@dataclass(slots=True, eq=False)
class StreamLease:
    """A stream's seat, `place` of `occupant`, leased until `until` (epoch ms). `lost`: somebody else has it now."""

    occupant: Caller
    place: int
    until: int
    lost: bool = False


@dataclass(frozen=True, slots=True)
class SlotUsage:
    """As the table has it: ids of turns, and until when (epoch ms) each place is leased."""

    turns: frozenset[str] = frozenset()
    leases: Mapping[int, int] = field(default_factory=dict)

    def is_free(self, place: int, now: int) -> bool:
        return self.leases.get(place, 0) <= now
