"""`python -m services.analytics [--roles http,events]`."""

from services.analytics.bootstrap import rooms
from services.analytics.settings import AnalyticsSettings
from shared.host import run

if __name__ == "__main__":
    run("analytics", AnalyticsSettings, rooms)
