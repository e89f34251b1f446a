"""What is decided about a turn's context before its model is first asked."""

from dataclasses import dataclass

from pydantic import BaseModel

from services.chat.domain.request_level import Narrowed
from shared.llm.invocation import PrincipalKind
from shared.llm.port import ToolSpec


@dataclass(frozen=True, slots=True)
class ToolOffer:
    """Asks for the tools of these names, for a turn of this principal in this conversation."""

    names: tuple[str, ...]
    principal_id: str
    principal_kind: PrincipalKind
    conversation_id: str


class ContextRecord(BaseModel):
    """Every later request for the same turn repeats it, so that what was sent once is sent again unchanged.

    `history_from`: id of the oldest message that may be in the prompt, if the history was cut; None when all of it
    fitted. `tools`: those that the model is offered. `narrowed`: the level of the request that the model accepts, if it
    refused a wider one.
    """

    history_from: str | None = None
    tools: list[ToolSpec] = []
    narrowed: Narrowed | None = None

    @property
    def is_plain(self) -> bool:
        """Whether the request has no tools and no reasoning."""
        return self.narrowed in {"plain", "alone"}

    @property
    def offered_tools(self) -> list[ToolSpec]:
        return [] if self.is_plain else self.tools
