"""One model call, whichever service made it: the shape that `<service>.model.invoked` shares."""

from typing import Literal, Self

from pydantic import model_validator

from shared.events.data import (
    BotId,
    ConversationId,
    Count,
    EventData,
    InvocationId,
    ModelId,
    NanoUsd,
    PrincipalId,
    Revision,
    Slug,
    Time,
    TurnId,
)


class InvocationEvent(EventData):
    """A model was asked, and later: what it cost. One invocation is told at least twice, opened and settled."""

    invocation_id: InvocationId
    revision: Revision
    """Counts the tellings of this invocation; the highest one is true."""
    turn_id: TurnId | None = None
    conversation_id: ConversationId | None = None
    principal_kind: Literal["user", "machine", "service"]
    principal_id: PrincipalId
    """Who pays."""
    bot_id: BotId | None = None
    model: ModelId
    purpose: Literal["answer", "title", "rewrite", "embedding", "guardrail"]
    state: Literal["opened", "settled"]
    input_tokens: Count
    """While opened: as counted before the request."""
    output_tokens: Count
    cache_read_tokens: Count
    cache_write_tokens: Count
    cost_nano_usd: NanoUsd
    """Billionths of a US dollar, computed once from the tokens with the price list named beside."""
    price_version: Slug
    basis: Literal["reported", "estimated"] | None = None
    """Whether the provider reported the tokens or the service estimated them; absent while opened."""
    started_at: Time
    ended_at: Time | None = None

    @model_validator(mode="after")
    def _settled_has_basis_and_end(self) -> Self:
        settled = self.state == "settled"
        if (self.basis is not None) != settled or (self.ended_at is not None) != settled:
            raise ValueError("basis and ended_at belong to a settled invocation, and only to that")
        return self
