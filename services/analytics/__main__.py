"""`python -m services.analytics [--roles http,events]`."""

from services.analytics.bootstrap import rooms
from shared.host import run
from shared.settings import ServiceSettings

if __name__ == "__main__":
    run("analytics", ServiceSettings, rooms)
