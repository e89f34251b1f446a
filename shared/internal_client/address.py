"""Base addresses of other services: an address, or `ssm:<name>` with the name of the SSM parameter that holds it.

A parameter is read at the first use, not at the start: stacks are deployed in any order, and an address may change.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from shared.aws.errors import AWS_ERRORS, is_not_found
from shared.clock import Clock

FRESH_S: Final = 300.0
"""For so long an address is used before it is read again."""
_MISSING_S: Final = 30.0
"""For so long a missing parameter is taken to be missing."""
_SSM_PREFIX: Final = "ssm:"


class Address:
    """The base address of one service. `ssm` opens the client; it is called only when a parameter is read."""

    def __init__(self, address: str, ssm: Callable[[], Awaitable[Any]], clock: Clock) -> None:
        self._name = address.removeprefix(_SSM_PREFIX) if address.startswith(_SSM_PREFIX) else None
        self._ssm = ssm
        self._clock = clock
        self._current = address
        self._fresh_until = float("-inf")

    async def find(self) -> str:
        """The address; empty while there is none. Raises ConnectionError when the parameter cannot be read."""
        if self._name and self._clock.monotonic() >= self._fresh_until:
            self._current = await self._look_up(self._name)
            self._fresh_until = self._clock.monotonic() + (FRESH_S if self._current else _MISSING_S)
        return self._current

    async def _look_up(self, name: str) -> str:
        try:
            answer = await (await self._ssm()).get_parameter(Name=name)
        except AWS_ERRORS as error:
            if is_not_found(error):
                return ""
            raise ConnectionError(f"{name} cannot be looked up") from error
        return str(answer["Parameter"]["Value"])
