"""Which tools a model may be offered: agents' list, asked for over HTTP and kept for a while."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import aiohttp
import structlog
from pydantic import BaseModel, ConfigDict

from services.chat.llm.port import ToolSpec
from shared.clock import Clock

_log = structlog.get_logger()

FRESH_S: Final = 60.0
"""How long a list is taken as it is."""
STALE_S: Final = 3600.0
"""How old a list may be when agents does not answer."""
_AGAIN_S: Final = 5.0  # after a failure: not every message shall wait for a service that is down
_ATTEMPTS: Final = 2
_LIST_MAX: Final = 1024 * 1024  # bytes
_FAULTS: Final = (aiohttp.ClientError, TimeoutError, OSError, ValueError)  # pydantic's error is a ValueError


class UnknownToolError(Exception):
    """There is no tool of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class ToolsUnavailableError(Exception):
    """Nobody can say now which tools there are."""


class ToolCatalog(Protocol):
    async def specs(self, names: Sequence[str]) -> list[ToolSpec]:
        """The tools of these names, each once, in this order. Raises UnknownToolError, ToolsUnavailableError."""
        ...


class _Listed(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str
    description: str
    input_schema: dict[str, Any]


class _List(BaseModel):
    model_config = ConfigDict(extra="ignore")

    items: list[_Listed]


@dataclass(frozen=True)
class _Kept:
    specs: Mapping[str, ToolSpec]
    since: float


class AgentsToolCatalog:
    """Asks agents at most once a minute and process, however many turns want to know."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        agents: Callable[[], Awaitable[str]],
        make_token: Callable[[], str],
        clock: Clock,
        *,
        timeout_s: float = 2.0,
    ) -> None:
        """`agents`: finds its base address; empty when there is none. `make_token`: a fresh internal token.

        `timeout_s`: for one question; there are two at most.

        The list is the same for everybody, so chat asks for itself:
        `lambda: tokens.sign("agents", Principal("chat", "service"))`.
        """
        self._session = session
        self._agents = agents
        self._make_token = make_token
        self._clock = clock
        self._timeout_s = timeout_s
        self._kept: _Kept | None = None
        self._again_at = float("-inf")
        self._asking = asyncio.Lock()

    async def specs(self, names: Sequence[str]) -> list[ToolSpec]:
        if not names:
            return []
        known = await self._known()
        for name in names:
            if name not in known:
                raise UnknownToolError(name)
        return [known[name] for name in dict.fromkeys(names)]

    async def _known(self) -> Mapping[str, ToolSpec]:
        async with self._asking:
            if not self._is_kept_for(FRESH_S) and self._clock.monotonic() >= self._again_at:
                await self._refresh()
        if self._kept is None or not self._is_kept_for(STALE_S):
            raise ToolsUnavailableError
        return self._kept.specs

    def _is_kept_for(self, seconds: float) -> bool:
        return self._kept is not None and self._clock.monotonic() - self._kept.since < seconds

    async def _refresh(self) -> None:
        for _ in range(_ATTEMPTS):
            try:
                specs = await self._ask()
            except _FAULTS as error:
                _log.warning("agents did not tell its tools", error=type(error).__name__)
            else:
                self._kept = _Kept(specs, self._clock.monotonic())
                return
        self._again_at = self._clock.monotonic() + _AGAIN_S

    async def _ask(self) -> Mapping[str, ToolSpec]:
        async with asyncio.timeout(self._timeout_s):
            address = await self._agents()
            return await self._listed(address) if address else {}

    async def _listed(self, address: str) -> Mapping[str, ToolSpec]:
        async with (
            self._session.get(
                f"{address}/internal/agents/tools",
                headers={"Authorization": f"Bearer {self._make_token()}"},
                allow_redirects=False,
                raise_for_status=True,
            ) as answer,
        ):
            told = bytearray()
            async for part in answer.content.iter_any():
                told += part
                if len(told) > _LIST_MAX:
                    raise ValueError("the list of tools is too long")
        listed = _List.model_validate_json(bytes(told)).items
        return {each.name: ToolSpec(each.name, each.description, each.input_schema) for each in listed}
