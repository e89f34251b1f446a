"""`python -m services.bots [--roles http,relay]`."""

from services.bots.app import build
from shared.host.service_process import run_service
from shared.settings import PublisherSettings

if __name__ == "__main__":
    run_service("bots", PublisherSettings, build)
