"""What analytics is told from outside, beside what every service is told."""

from shared.settings import ServiceSettings


class AnalyticsSettings(ServiceSettings):
    events_queue_url: str
    events_dead_letter_queue_url: str
