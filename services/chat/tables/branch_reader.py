"""Reads one branch of a conversation's tree, from a message towards the first one, as far as the caller needs."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.chat.domain import Message

BODIES_AT_ONCE: Final = 8
"""How many contents are fetched from the bucket at the same time."""

NEWEST: Final = "~"
"""Stands for the newest message: sorts after every id."""


@dataclass(frozen=True)
class TreePage:
    """All messages of a conversation with ids from `low` to `high`, as table items by id."""

    items: Mapping[str, Any]
    low: str
    high: str

    def covers(self, message_id: str) -> bool:
        return self.low <= message_id <= self.high


class BranchReader:
    """Holds one page at a time: a message and older ones, which include many of its ancestors.

    The next page begins with the first ancestor that the page does not cover, so that messages of other branches
    between the two are not read. Ids grow with time, so a parent is older than its child; where the clocks of two
    processes disagree, one page more is read. Content of other branches is neither parsed nor fetched.
    """

    def __init__(
        self,
        read_page: Callable[[str], Awaitable[TreePage]],
        read_messages: Callable[[Sequence[Any]], Awaitable[list[Message]]],
    ) -> None:
        """`read_page` reads messages from the given id, or the next older one, to older ones."""
        self._read_page = read_page
        self._read_messages = read_messages
        self._page: TreePage | None = None

    async def open(self, message_id: str = NEWEST) -> None:
        """Read the first page, which begins with this message."""
        self._page = await self._read_page(message_id)

    async def role_of(self, message_id: str) -> str | None:
        """Return the role of a message; None if there is no such message."""
        item = await self._item(message_id)
        return None if item is None else str(item["role"]["S"])

    async def find(self, message_id: str) -> Message | None:
        """Return a message; None if there is no such message."""
        item = await self._item(message_id)
        return None if item is None else (await self._read_messages([item]))[0]

    async def ancestors(self, message: Message) -> AsyncGenerator[Message, None]:
        """Yield the ancestors, the parent first. A parent that is missing, or was visited before, ends the branch."""
        seen = {message.id}
        parent_id = message.parent_id
        while items := await self._next_items(parent_id, seen):
            for each in await self._read_messages(items):
                yield each
            parent_id = _parent_id(items[-1])

    async def _next_items(self, message_id: str | None, seen: set[str]) -> list[Any]:
        """Return the next items of the branch, all from one page: the caller may need no message beyond them."""
        items: list[Any] = []
        while message_id and message_id not in seen and len(items) < BODIES_AT_ONCE:
            if items and not self._covers(message_id):
                break
            item = await self._item(message_id)
            if item is None:
                break
            seen.add(message_id)
            items.append(item)
            message_id = _parent_id(item)
        return items

    def _covers(self, message_id: str) -> bool:
        return self._page is not None and self._page.covers(message_id)

    async def _item(self, message_id: str) -> Any | None:
        page = self._page
        if page is None or not page.covers(message_id):
            page = self._page = await self._read_page(message_id)
        return page.items.get(message_id)


def _parent_id(item: Any) -> str | None:
    parent_id: str | None = item["parent_id"]["S"] if "parent_id" in item else None
    return parent_id
