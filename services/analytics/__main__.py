"""`python -m services.analytics [--roles http,events]`."""

from services.analytics.app import build
from services.analytics.settings import AnalyticsSettings
from shared.host.service_process import run_service

if __name__ == "__main__":
    run_service("analytics", AnalyticsSettings, build)
