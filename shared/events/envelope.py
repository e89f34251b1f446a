"""The envelope around every event: CloudEvents attributes, carried as the `detail` of an EventBridge entry."""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.clock import Clock
from shared.events.data import TRACEPARENT_PATTERN, EventData, EventId, PrincipalId, Time
from shared.ids import Ids
from shared.telemetry import current_traceparent

SOURCE_PREFIX: Final = "colloquy."

Source = Annotated[str, StringConstraints(pattern=r"^colloquy\.[a-z]+$")]
EventType = Annotated[str, StringConstraints(pattern=r"^[a-z]+(\.[a-z_]+){2}$")]
DataSchema = Annotated[str, StringConstraints(pattern=r"^[a-z_.]+/[1-9][0-9]*$")]
Subject = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:/-]{1,128}$")]
Cause = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")]
Traceparent = Annotated[str, StringConstraints(pattern=TRACEPARENT_PATTERN)]


class Actor(BaseModel):
    """On whose behalf it happened."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Literal["user", "machine", "service"]
    id: PrincipalId


class Envelope(BaseModel):
    """What every event carries around its `data`. Unknown attributes are ignored when read."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    specversion: Literal["1.0"] = "1.0"
    id: EventId
    """Unique; what a consumer claims when it has no natural key."""
    source: Source
    """`colloquy.<service>`, also EventBridge's Source."""
    type: EventType
    """Also EventBridge's detail-type."""
    dataschema: DataSchema
    """`<type>/<version>`: which schema `data` follows."""
    subject: Subject
    """Id of the thing that the event is about."""
    sequence: Annotated[int, Field(ge=0)]
    """The subject's version: of two events about one subject the higher one is the later."""
    time: Time
    """When it happened."""
    actor: Actor
    """On whose behalf it happened."""
    causation_id: Cause | None = None
    """Id of the event, request or command that led to this one."""
    traceparent: Traceparent | None = None
    """W3C trace context of the work that emitted the event."""
    data: dict[str, Any]

    @classmethod
    def of(
        cls,
        data: EventData,
        *,
        source: str,
        subject: str,
        sequence: int,
        actor: Actor,
        causation_id: str | None = None,
        traceparent: str | None = None,
        clock: Clock,
        ids: Ids,
    ) -> Self:
        """An envelope around `data` with the time of now. The default of `traceparent` is the current one.

        Raises ValueError when `source` (`colloquy.<service>`) is not the service that the event type names, or when an
        attribute does not match its pattern.
        """
        service = data.event_type.partition(".")[0]
        if source != SOURCE_PREFIX + service:
            raise ValueError(f"{data.event_type} is published by {SOURCE_PREFIX}{service}, not by {source}")
        return cls(
            id=ids.new("evt"),
            source=source,
            type=data.event_type,
            dataschema=data.dataschema(),
            subject=subject,
            sequence=sequence,
            time=clock.now(),
            actor=actor,
            causation_id=causation_id,
            traceparent=traceparent or current_traceparent(),
            data=data.model_dump(mode="json"),
        )

    def version(self) -> int:
        """Version of the schema that `data` follows."""
        return int(self.dataschema.rpartition("/")[2])
