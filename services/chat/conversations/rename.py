"""A conversation gets another title, by its owner or by the service."""

from typing import Literal

from services.chat.domain import Conversation
from services.chat.events import ChatEvents
from services.chat.tables import Store
from shared.persistence.transactions import Conflict


async def rename(
    store: Store, events: ChatEvents, head: Conversation, title: str, source: Literal["owner", "service"]
) -> Conversation | None:
    """The head as it is then; None when the conversation is gone, or its owner's title stands against the service's."""
    renamed = head.model_copy(update={"title": title, "title_source": source, "version": head.version + 1})
    uow = store.begin()
    uow.put("conversation", store.conversations.renamed(head, title, source))
    uow.emit(events.conversation_renamed(renamed, by_service=source == "service"))
    try:
        await uow.commit()
    except Conflict:
        return None
    return renamed
