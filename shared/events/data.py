"""The types of fields that an event may have: ids, versions, states, counts and times.

Events never carry text that a person or a model wrote.
"""

from typing import Annotated, ClassVar, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from shared.ids import Prefix, id_pattern


class EventData(BaseModel):
    """The `data` of one event type in one version; the docstring is its public documentation.

    Fields of a published version stay as they are: what changes meaning, type or presence is a new version.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    event_type: ClassVar[str]
    """`<service>.<subject>.<what happened>`, also EventBridge's detail-type."""
    version: ClassVar[int]

    @classmethod
    def dataschema(cls) -> str:
        return f"{cls.event_type}/{cls.version}"


def _id(prefix: Prefix) -> StringConstraints:
    return StringConstraints(pattern=id_pattern(prefix))


EventId = Annotated[str, _id("evt")]
ConversationId = Annotated[str, _id("conv")]
MessageId = Annotated[str, _id("msg")]
TurnId = Annotated[str, _id("turn")]
InvocationId = Annotated[str, _id("inv")]
CallId = Annotated[str, _id("call")]
BotId = Annotated[str, _id("bot")]

# Without spaces and @, so that neither a sentence nor an e-mail address fits.
PrincipalId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")]
ModelId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,159}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]

Count = Annotated[int, Field(ge=0)]
NanoUsd = Annotated[int, Field(ge=0)]
Revision = Annotated[int, Field(ge=1)]
Time = AwareDatetime

TRACEPARENT_PATTERN: Final = r"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"
