"""Runs all functions of a system. It reads each one from the embedded AWS at its first event, and keeps it running."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from infra.local.lambdas.deployed_function import DeployedFunction, HostTools
from infra.local.lambdas.function import HostedFunction
from infra.local.lambdas.invocation import FunctionInvocation

_ALIAS_CACHE_S: Final = 2.0
"""How long the version of an alias is cached. After a deployment the old version runs at most this long."""


class FunctionHost:
    """`local`: variables of every function, in addition to those of the template. `local_of`: the same by service."""

    def __init__(
        self,
        client: Any,
        tools: HostTools,
        local: Mapping[str, str],
        logs: Path,
        local_of: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self._client, self._tools, self._local, self._logs = client, tools, local, logs
        self._local_of = local_of or {}
        self._functions: dict[tuple[str, str], HostedFunction] = {}
        self._aliases: dict[tuple[str, str], tuple[float, DeployedFunction]] = {}
        self._looking = asyncio.Lock()

    async def function(self, name: str, qualifier: str) -> HostedFunction:
        """Raises ClientError if the embedded AWS has no such function."""
        async with self._looking:
            deployed = await self._deployed(name, qualifier)
            key = (deployed.name, deployed.version)
            if key not in self._functions:
                local = {**self._local, **self._local_of.get(deployed.service, {})}
                plan = await asyncio.to_thread(deployed.plan, self._tools, local)
                self._functions[key] = HostedFunction(plan, self._logs, title=deployed.title)
            return self._functions[key]

    async def close(self) -> None:
        await asyncio.gather(*(function.close() for function in self._functions.values()))

    async def _deployed(self, name: str, qualifier: str) -> DeployedFunction:
        found = self._aliases.get((name, qualifier))
        if found is None or time.monotonic() - found[0] > _ALIAS_CACHE_S:
            found = time.monotonic(), await asyncio.to_thread(DeployedFunction.find, self._client, name, qualifier)
            self._aliases[name, qualifier] = found
        return found[1]


@dataclass(frozen=True)
class QualifiedFunction:
    """A function with the qualifier (alias or version) of an integration."""

    host: FunctionHost
    name: str
    qualifier: str

    async def invoke(self, event: bytes) -> FunctionInvocation:
        return await (await self.host.function(self.name, self.qualifier)).invoke(event)
