"""Where another service answers: an address, or `ssm:<name>` of the parameter under which its stack keeps it.

Looked up when it is needed, not at the start: stacks are deployed in any order, and one's address may change.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from shared.aws.errors import AWS_ERRORS, is_not_found
from shared.clock import Clock

FRESH_S: Final = 300.0
_NOWHERE_S: Final = 30.0
_BY_NAME: Final = "ssm:"


class Address:
    """`ssm` opens the client, for who has a name to look up."""

    def __init__(self, given: str, ssm: Callable[[], Awaitable[Any]], clock: Clock) -> None:
        self._name = given.removeprefix(_BY_NAME) if given.startswith(_BY_NAME) else None
        self._ssm = ssm
        self._clock = clock
        self._found = given
        self._until = float("-inf")

    async def find(self) -> str:
        """Empty while there is none. Raises ConnectionError when nobody can say."""
        if self._name and self._clock.monotonic() >= self._until:
            self._found = await self._look_up(self._name)
            self._until = self._clock.monotonic() + (FRESH_S if self._found else _NOWHERE_S)
        return self._found

    async def _look_up(self, name: str) -> str:
        try:
            answer = await (await self._ssm()).get_parameter(Name=name)
        except AWS_ERRORS as error:
            if is_not_found(error):
                return ""
            raise ConnectionError(f"{name} cannot be looked up") from error
        return str(answer["Parameter"]["Value"])
