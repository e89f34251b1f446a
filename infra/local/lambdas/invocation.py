"""One invocation: its event and its response, which is whole or streamed."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

MAX_ANSWER_BYTES: Final = 6 * 1024 * 1024
"""Limit of a response that is not streamed."""
MAX_EVENT_BYTES: Final = 6 * 1024 * 1024


class InvocationError(Exception):
    """The function failed. `kind`: Lambda's name of the error, for example Sandbox.Timedout or Runtime.ExitError."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind


@dataclass
class FunctionInvocation:
    event: bytes
    deadline_ms: int
    id: str = field(default_factory=lambda: str(uuid4()))
    is_streamed: bool = False
    content_type: str = ""
    _begun: asyncio.Event = field(default_factory=asyncio.Event)
    _pieces: "asyncio.Queue[bytes | InvocationError | None]" = field(default_factory=asyncio.Queue)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_over(self) -> bool:
        return self._ended.is_set()

    def begin(self, headers: Mapping[str, str], *, is_streamed: bool) -> None:
        self.is_streamed, self.content_type = is_streamed, headers.get("Content-Type", "")
        self._begun.set()

    def write(self, piece: bytes) -> None:
        self._pieces.put_nowait(piece)

    def end(self, error: InvocationError | None = None) -> None:
        """Only the first call has an effect."""
        if not self._ended.is_set():
            self._pieces.put_nowait(error)
            self._ended.set()
            self._begun.set()

    async def wait(self) -> None:
        await self._ended.wait()

    async def pieces(self) -> AsyncIterator[bytes]:
        """The pieces as they arrive. If the function fails, the pieces before come first, then InvocationError."""
        while (piece := await self._pieces.get()) is not None:
            if isinstance(piece, InvocationError):
                raise piece
            yield piece

    async def read_all(self) -> bytes:
        return b"".join([piece async for piece in self.pieces()])

    async def wait_for_start(self) -> None:
        """Wait for the first piece or the error."""
        await self._begun.wait()
