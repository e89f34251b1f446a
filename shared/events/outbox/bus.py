"""Outbox rows onto EventBridge, with one verdict for each: it validates little itself and answers 200 to failures."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Self

from botocore.exceptions import ClientError
from pydantic import AwareDatetime, BaseModel, ValidationError

from shared.backoff import AWS_ERRORS, error_code
from shared.events.envelope import Envelope
from shared.events.spans import published

if TYPE_CHECKING:
    from types_aiobotocore_events import EventBridgeClient
    from types_aiobotocore_events.type_defs import PutEventsRequestEntryTypeDef

MAX_ENTRIES: Final = 10
MAX_BYTES: Final = 256 * 1024
_TIME_BYTES: Final = 14  # what EventBridge counts for an entry's time

_REFUSED_ENTRY: Final = frozenset(
    {
        "InvalidArgument",
        "MalformedDetail",
        "NotAuthorizedForDetailTypeException",
        "NotAuthorizedForSourceException",
        "ValidationException",
    }
)
_REFUSED_CALL: Final = frozenset({"RequestEntityTooLarge", "SerializationException", "ValidationException"})


class EntryStatus(Enum):
    PUBLISHED = auto()
    REFUSED = auto()
    """It will never pass."""
    FAILED = auto()
    """This entry did not pass now; others did, or could."""
    UNREACHED = auto()
    """The bus answered nobody."""


@dataclass(frozen=True)
class EntryResult:
    fate: EntryStatus
    reason: str = ""


class _Address(BaseModel):
    id: str = ""
    source: str
    type: str
    time: AwareDatetime
    traceparent: str | None = None


@dataclass(frozen=True)
class Row:
    """An outbox row: the event's id, and its envelope as the JSON that goes on the bus unchanged."""

    event_id: str
    told: str

    @classmethod
    def of(cls, envelope: Envelope) -> Self:
        return cls(envelope.id, envelope.model_dump_json())

    @classmethod
    def of_item(cls, item: Mapping[str, Any]) -> Self:
        """From a row as DynamoDB and its stream tell it. One without an envelope is refused by `Bus.put`."""
        return cls(item["sk"]["S"], item.get("envelope", {}).get("S", ""))

    @cached_property
    def address(self) -> _Address | None:
        """None when the row cannot be read."""
        try:
            return _Address.model_validate_json(self.told)
        except ValidationError:
            return None


@dataclass(frozen=True)
class _Entry:
    row: Row
    address: _Address
    entry: "PutEventsRequestEntryTypeDef"
    size: int


class Bus:
    def __init__(self, events: "EventBridgeClient", name: str) -> None:
        self._events = events
        self._name = name

    async def put(self, rows: Iterable[Row]) -> list[tuple[Row, EntryResult]]:
        """Publish at most 10 rows at a time. Raises nothing that the bus does: it is in the verdicts, in no order."""
        verdicts: list[tuple[Row, EntryResult]] = []
        parcels: list[_Entry] = []
        for row in rows:
            parcel = self._pack(row)
            if isinstance(parcel, EntryResult):
                verdicts.append((row, parcel))
            else:
                parcels.append(parcel)
        for batch in _batches(parcels):
            verdicts += await self._send(batch)
        return verdicts

    def _pack(self, row: Row) -> _Entry | EntryResult:
        address = row.address
        if address is None:
            return EntryResult(EntryStatus.REFUSED, "unreadable outbox row")
        entry: PutEventsRequestEntryTypeDef = {
            "EventBusName": self._name,
            "Source": address.source,
            "DetailType": address.type,
            "Detail": row.told,
            "Time": address.time,
        }
        size = _TIME_BYTES + sum(len(text.encode()) for text in (address.source, address.type, row.told))
        if size > MAX_BYTES:
            return EntryResult(EntryStatus.REFUSED, f"{size} bytes, the bus takes {MAX_BYTES}")
        return _Entry(row, address, entry, size)

    async def _send(self, batch: Sequence[_Entry]) -> list[tuple[Row, EntryResult]]:
        try:
            with published(self._name, [parcel.address for parcel in batch]):
                answer = await self._events.put_events(Entries=[parcel.entry for parcel in batch])
        except AWS_ERRORS as error:
            return await self._send_apart(batch, error)
        return [(parcel.row, _verdict(result)) for parcel, result in zip(batch, answer["Entries"], strict=True)]

    async def _send_apart(self, batch: Sequence[_Entry], error: Exception) -> list[tuple[Row, EntryResult]]:
        """One bad entry can make the bus refuse the whole call: find it."""
        code = error_code(error)
        if not isinstance(error, ClientError) or code not in _REFUSED_CALL:
            return [(parcel.row, EntryResult(EntryStatus.UNREACHED, code)) for parcel in batch]
        if len(batch) == 1:
            return [(batch[0].row, EntryResult(EntryStatus.REFUSED, code))]
        middle = len(batch) // 2
        return await self._send(batch[:middle]) + await self._send(batch[middle:])


def _verdict(result: Mapping[str, Any]) -> EntryResult:
    code = result.get("ErrorCode")
    if not code:
        return EntryResult(EntryStatus.PUBLISHED)
    return EntryResult(EntryStatus.REFUSED if code in _REFUSED_ENTRY else EntryStatus.FAILED, code)


def _batches(parcels: Iterable[_Entry]) -> Iterator[list[_Entry]]:
    """As many as one call takes: by number and by bytes."""
    batch: list[_Entry] = []
    size = 0
    for parcel in parcels:
        if batch and (len(batch) == MAX_ENTRIES or size + parcel.size > MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(parcel)
        size += parcel.size
    if batch:
        yield batch
