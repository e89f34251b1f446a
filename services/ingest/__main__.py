"""`python -m services.ingest [--roles http,events]`."""

from services.ingest.bootstrap import rooms
from services.ingest.settings import IngestSettings
from shared.host import run

if __name__ == "__main__":
    run("ingest", IngestSettings, rooms)
