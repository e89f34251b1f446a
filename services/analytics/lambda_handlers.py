"""Analytics' Lambda functions, one for each queue."""

from services.analytics.app import build
from services.analytics.settings import AnalyticsSettings
from shared.host.queue_function import queue_function

events = queue_function("analytics", AnalyticsSettings, build, "events")
