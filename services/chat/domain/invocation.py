"""Invocations: calls of a model, with their tokens and cost."""

from collections.abc import Iterable
from typing import Literal

from pydantic import AwareDatetime, BaseModel

from services.chat.domain.message import TurnUsage
from shared.catalogue import Usage


class Invocation(BaseModel):
    """One call of a model. Opened before the request with the estimated input, settled once with the final usage.

    `basis` says whether that usage was reported by the provider or estimated; None while the invocation is open.
    """

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


def total(invocations: Iterable[Invocation]) -> TurnUsage | None:
    """Add up settled invocations; None when there is none. `reported` if the usage of each was reported."""
    settled = list(invocations)
    if not settled:
        return None
    return TurnUsage(
        input_tokens=sum(each.usage.input_tokens for each in settled),
        output_tokens=sum(each.usage.output_tokens for each in settled),
        cache_read_tokens=sum(each.usage.cache_read_tokens for each in settled),
        cache_write_tokens=sum(each.usage.cache_write_tokens for each in settled),
        cost_nano_usd=sum(each.cost_nano_usd for each in settled),
        basis="reported" if all(each.basis == "reported" for each in settled) else "estimated",
    )
