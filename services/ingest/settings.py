"""Settings of ingest, beside those of every service."""

from shared.settings import ServiceSettings


class IngestSettings(ServiceSettings):
    events_queue_url: str
    events_dead_letter_queue_url: str
