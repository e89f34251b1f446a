"""A conversation gets another title, by its owner or by the service."""

from typing import Literal

from services.chat.domain import Conversation
from services.chat.events import ChatEvents
from services.chat.tables import Cancelled, Store


async def rename(
    store: Store, teller: ChatEvents, head: Conversation, title: str, source: Literal["owner", "service"]
) -> Conversation | None:
    """The head as it is then; None when the conversation is gone, or its owner's title stands against the service's."""
    renamed = head.model_copy(update={"title": title, "title_source": source, "version": head.version + 1})
    told = teller.conversation_renamed(renamed, by_service=source == "service")
    try:
        await store.commit([store.conversations.renamed(head, title, source)], [told])
    except Cancelled:
        return None
    return renamed
