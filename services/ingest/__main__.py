"""`python -m services.ingest [--roles http,events]`."""

from services.ingest.app import build
from services.ingest.settings import IngestSettings
from shared.host.service_process import run_service

if __name__ == "__main__":
    run_service("ingest", IngestSettings, build)
