"""Settings of agents, beside those of every service."""

from pydantic import Field

from shared.settings import PublisherSettings


class AgentsSettings(PublisherSettings):
    events_queue_url: str
    events_dead_letter_queue_url: str
    calls_queue_url: str
    calls_dead_letter_queue_url: str
    turns_queue_url: str = Field(description="chat's queue, where answers to calls go")
