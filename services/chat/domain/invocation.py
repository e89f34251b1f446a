"""One call of a model, from the moment before the request until its tokens are known."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel

from shared.catalogue import Usage


class Invocation(BaseModel):
    """Opened with the input as counted before the request; settled once, as reported or estimated."""

    id: str
    turn_id: str
    conversation_id: str
    owner_id: str
    principal_kind: Literal["user", "machine", "service"] = "user"
    model: str
    purpose: Literal["answer", "title"]
    revision: int = 1
    state: Literal["opened", "settled"] = "opened"
    usage: Usage
    cost_nano_usd: int
    price_version: str
    basis: Literal["reported", "estimated"] | None = None
    started_at: AwareDatetime
    ended_at: AwareDatetime | None = None
