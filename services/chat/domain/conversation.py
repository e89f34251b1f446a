"""The head of a conversation: what a list shows of it. Its messages stand apart, so that it never grows."""

from typing import Final, Literal

from pydantic import AwareDatetime, BaseModel

DEFAULT_TITLE: Final = ""  # the reader's language says "New conversation"


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
