"""Publishes outbox rows to EventBridge, with one result for each: a call that answers 200 may have failed entries."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Self

from botocore.exceptions import ClientError
from pydantic import AwareDatetime, BaseModel, ValidationError

from shared.aws.errors import AWS_ERRORS, error_code
from shared.events.envelope import Envelope
from shared.events.spans import publish_spans

if TYPE_CHECKING:
    from types_aiobotocore_events import EventBridgeClient
    from types_aiobotocore_events.type_defs import PutEventsRequestEntryTypeDef

MAX_ENTRIES: Final = 10
MAX_BYTES: Final = 256 * 1024
_TIME_BYTES: Final = 14  # the size that EventBridge counts for an entry's time

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
    """The bus will never accept this entry."""
    FAILED = auto()
    """The bus did not accept this entry now; other entries may pass."""
    BUS_UNAVAILABLE = auto()
    """The whole call failed; no entry would pass now."""


@dataclass(frozen=True)
class EntryResult:
    """The result of publishing one row; `reason` is an error code or a short text."""

    status: EntryStatus
    reason: str = ""


class _EventHeader(BaseModel):
    """The attributes of an envelope that the bus and the relay need."""

    id: str = ""
    source: str
    type: str
    time: AwareDatetime
    traceparent: str | None = None


@dataclass(frozen=True)
class Row:
    """An outbox row: the id of the event, and its envelope as JSON, which is published unchanged."""

    event_id: str
    envelope_json: str

    @classmethod
    def from_envelope(cls, envelope: Envelope) -> Self:
        return cls(envelope.id, envelope.model_dump_json())

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """From an item of the table or of its stream. `Bus.put` refuses a row without an envelope."""
        return cls(item["sk"]["S"], item.get("envelope", {}).get("S", ""))

    @cached_property
    def header(self) -> _EventHeader | None:
        """None when the envelope cannot be parsed."""
        try:
            return _EventHeader.model_validate_json(self.envelope_json)
        except ValidationError:
            return None


@dataclass(frozen=True)
class _Entry:
    row: Row
    header: _EventHeader
    request: "PutEventsRequestEntryTypeDef"
    size: int


class Bus:
    def __init__(self, events: "EventBridgeClient", name: str) -> None:
        self._events = events
        self._name = name

    async def put(self, rows: Iterable[Row]) -> list[tuple[Row, EntryResult]]:
        """Publish rows, at most 10 in one call. The results are in no order. An error of the bus is a result."""
        results: list[tuple[Row, EntryResult]] = []
        entries: list[_Entry] = []
        for row in rows:
            entry = self._to_entry(row)
            if isinstance(entry, EntryResult):
                results.append((row, entry))
            else:
                entries.append(entry)
        for batch in _batches(entries):
            results += await self._send(batch)
        return results

    def _to_entry(self, row: Row) -> _Entry | EntryResult:
        header = row.header
        if header is None:
            return EntryResult(EntryStatus.REFUSED, "unreadable outbox row")
        request: PutEventsRequestEntryTypeDef = {
            "EventBusName": self._name,
            "Source": header.source,
            "DetailType": header.type,
            "Detail": row.envelope_json,
            "Time": header.time,
        }
        size = _TIME_BYTES + sum(len(text.encode()) for text in (header.source, header.type, row.envelope_json))
        if size > MAX_BYTES:
            return EntryResult(EntryStatus.REFUSED, f"{size} bytes, the bus takes {MAX_BYTES}")
        return _Entry(row, header, request, size)

    async def _send(self, batch: Sequence[_Entry]) -> list[tuple[Row, EntryResult]]:
        try:
            with publish_spans(self._name, [entry.header for entry in batch]):
                answer = await self._events.put_events(Entries=[entry.request for entry in batch])
        except AWS_ERRORS as error:
            return await self._send_halves(batch, error)
        return [(entry.row, _result_of(result)) for entry, result in zip(batch, answer["Entries"], strict=True)]

    async def _send_halves(self, batch: Sequence[_Entry], error: Exception) -> list[tuple[Row, EntryResult]]:
        """The results of a failed call. One bad entry can make the bus refuse all: send halves to find it."""
        code = error_code(error)
        if not isinstance(error, ClientError) or code not in _REFUSED_CALL:
            return [(entry.row, EntryResult(EntryStatus.BUS_UNAVAILABLE, code)) for entry in batch]
        if len(batch) == 1:
            return [(batch[0].row, EntryResult(EntryStatus.REFUSED, code))]
        middle = len(batch) // 2
        return await self._send(batch[:middle]) + await self._send(batch[middle:])


def _result_of(result: Mapping[str, Any]) -> EntryResult:
    code = result.get("ErrorCode")
    if not code:
        return EntryResult(EntryStatus.PUBLISHED)
    return EntryResult(EntryStatus.REFUSED if code in _REFUSED_ENTRY else EntryStatus.FAILED, code)


def _batches(entries: Iterable[_Entry]) -> Iterator[list[_Entry]]:
    """Batches of as many entries as one call takes, by number and by bytes."""
    batch: list[_Entry] = []
    size = 0
    for entry in entries:
        if batch and (len(batch) == MAX_ENTRIES or size + entry.size > MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += entry.size
    if batch:
        yield batch
