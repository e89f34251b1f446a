"""`python -m services.ingest [--roles http,events]`."""

from services.ingest.bootstrap import rooms
from shared.host import run
from shared.settings import ServiceSettings

if __name__ == "__main__":
    run("ingest", ServiceSettings, rooms)
