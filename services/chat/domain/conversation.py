"""The head of a conversation: what a list shows of it. Messages are items of their own, so the head never grows."""

from typing import Final, Literal, Self

from pydantic import AwareDatetime, BaseModel

DEFAULT_TITLE: Final = ""  # clients show "New conversation" in the reader's language


class Conversation(BaseModel):
    id: str
    owner_id: str
    title: str = DEFAULT_TITLE
    title_source: Literal["default", "service", "owner"] = "default"
    model: str | None = None
    created_at: AwareDatetime
    updated_at: AwareDatetime
    last_message_id: str | None = None
    running_turns: frozenset[str] = frozenset()
    version: int = 1
    deleted_at: AwareDatetime | None = None

    def renamed(self, title: str, source: Literal["owner", "service"]) -> Self:
        """A copy with another title, one version later."""
        return self.model_copy(update={"title": title, "title_source": source, "version": self.version + 1})
