"""Tool catalog: the tools that a model may be offered, from the service agents, cached for a minute."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from pydantic import BaseModel, ConfigDict

from services.chat.llm.port import ToolSpec
from shared.clock import Clock
from shared.identity import Principal
from shared.internal_client import CachedAnswer, InternalClient, NotDeployedError, ServiceUnavailableError

_CHAT: Final = Principal("chat", "service")
"""The list is the same for everybody, so chat asks for itself."""


class UnknownToolError(Exception):
    """There is no tool of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class ToolsUnavailableError(Exception):
    """Agents does not answer, and no list is recent enough."""


class ToolCatalog(Protocol):
    async def specs(self, names: Sequence[str]) -> list[ToolSpec]:
        """The tools of these names, each once, in this order. Raises UnknownToolError, ToolsUnavailableError."""
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
    """Where agents is not deployed there are no tools."""

    def __init__(self, agents: InternalClient, clock: Clock) -> None:
        self._agents = agents
        self._tools = CachedAnswer(self._ask, clock)

    async def specs(self, names: Sequence[str]) -> list[ToolSpec]:
        if not names:
            return []
        try:
            known = await self._tools.get()
        except ServiceUnavailableError:
            raise ToolsUnavailableError from None
        for name in names:
            if name not in known:
                raise UnknownToolError(name)
        return [known[name] for name in dict.fromkeys(names)]

    async def _ask(self) -> Mapping[str, ToolSpec]:
        try:
            listed = await self._agents.get("tools", _ToolList, _CHAT)
        except NotDeployedError:
            return {}
        return {each.name: ToolSpec(each.name, each.description, each.input_schema) for each in listed.items}
