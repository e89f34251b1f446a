"""The use cases as the routes see them."""

from dataclasses import dataclass

from services.analytics.usage import UsageReports
from shared.clock import Clock


@dataclass(frozen=True)
class AnalyticsContext:
    usage: UsageReports
    clock: Clock
