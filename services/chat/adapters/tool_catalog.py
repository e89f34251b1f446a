"""The tool catalog: definitions of the tools that models may call, from the service agents, cached for a minute."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from pydantic import BaseModel, ConfigDict

from services.chat.domain import ToolOffer
from shared.clock import Clock
from shared.identity import Principal
from shared.internal_client import CachedAnswer, InternalClient, NotDeployedError, ServiceUnavailableError
from shared.llm.port import ToolSpec
from shared.problems import problem

_CHAT: Final = Principal("chat", "service")
"""The caller in requests to agents: the list is the same for every person, so chat asks in its own name."""


class ToolCatalog(Protocol):
    async def offered(self, offer: ToolOffer) -> list[ToolSpec]:
        """Return the tools of these names, each once, in this order.

        Raises Problem: tool-not-found, tools-unavailable.
        """
        ...


class _ListedTool(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str
    description: str
    input_schema: dict[str, Any]


class _ToolList(BaseModel):
    model_config = ConfigDict(extra="ignore")

    items: list[_ListedTool]


class AgentsToolCatalog:
    """Reads the catalog of the service agents. Where agents is not deployed, there are no tools."""

    def __init__(self, agents: InternalClient, clock: Clock) -> None:
        self._agents = agents
        self._tools = CachedAnswer(self._fetch, clock)

    async def offered(self, offer: ToolOffer) -> list[ToolSpec]:
        if not offer.names:
            return []
        try:
            known = await self._tools.get()
        except ServiceUnavailableError:
            raise problem("tools-unavailable") from None
        for name in offer.names:
            if name not in known:
                raise problem("tool-not-found", f"No tool is called {name}.")
        return [known[name] for name in dict.fromkeys(offer.names)]

    async def _fetch(self) -> Mapping[str, ToolSpec]:
        try:
            listed = await self._agents.get("tools", _ToolList, _CHAT)
        except NotDeployedError:
            return {}
        return {each.name: ToolSpec(each.name, each.description, each.input_schema) for each in listed.items}
