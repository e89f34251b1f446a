"""What counts against a caller's limits: running turns, and open streams, each of which has a numbered slot."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from services.chat.domain.turn import Turn
from shared.identity import Principal
from shared.identity.principal import Kind


@dataclass(frozen=True, slots=True)
class Caller:
    """The one whose turns and streams are counted: a person, an API key, or a person for whom a service asks."""

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
    """An open stream's lease on one of its caller's slots until `until` (epoch ms). `lost`: another stream has it."""

    caller: Caller
    slot: int
    until: int
    lost: bool = False


@dataclass(frozen=True, slots=True)
class SlotUsage:
    """What the table holds for a caller: ids of running turns, and the end (epoch ms) of each slot's lease."""

    turns: frozenset[str] = frozenset()
    leases: Mapping[int, int] = field(default_factory=dict)

    def is_free(self, slot: int, now: int) -> bool:
        return self.leases.get(slot, 0) <= now
