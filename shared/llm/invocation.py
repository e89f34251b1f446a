"""Invocations: calls of a model, with their tokens and cost."""

from dataclasses import dataclass
from typing import Literal

from pydantic import AwareDatetime, BaseModel

from shared.catalogue import Usage

PrincipalKind = Literal["user", "machine", "service"]
Purpose = Literal["answer", "title", "rewrite", "embedding", "guardrail"]
Basis = Literal["reported", "estimated"]


@dataclass(frozen=True, slots=True)
class InvocationContext:
    """Who pays for an invocation, and for which turn, conversation or bot it is made."""

    owner_id: str
    principal_kind: PrincipalKind = "user"
    turn_id: str | None = None
    conversation_id: str | None = None
    bot_id: str | None = None


class Invocation(BaseModel):
    """One call of a model. Opened before the request with the estimated input, settled once with the final usage.

    `basis` says whether that usage was reported by the provider or estimated; None while the invocation is open.
    """

    id: str
    turn_id: str | None = None
    conversation_id: str | None = None
    bot_id: str | None = None
    owner_id: str
    principal_kind: PrincipalKind = "user"
    model: str
    purpose: Purpose
    revision: int = 1
    state: Literal["opened", "settled"] = "opened"
    usage: Usage
    cost_nano_usd: int
    price_version: str
    basis: Basis | None = None
    started_at: AwareDatetime
    ended_at: AwareDatetime | None = None
