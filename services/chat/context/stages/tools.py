"""Stage: the tools that the model is offered."""

from services.chat.adapters.tool_catalog import ToolCatalog
from services.chat.context.stage import ContextDraft, Frames, Stage


class Tools(Stage):
    """Does not wait: the start of the turn has just read the catalog, which is cached."""

    def __init__(self, catalog: ToolCatalog) -> None:
        self._catalog = catalog

    async def decide(self, draft: ContextDraft, frames: Frames | None) -> None:  # noqa: ARG002 - writes none
        """Raises Problem: tool-not-found, tools-unavailable."""
        draft.record.tools = await self._catalog.offered(draft.turn.tool_offer)
