"""`python -m services.bots [--roles http,relay]`."""

from services.bots.bootstrap import rooms
from shared.host import run
from shared.settings import PublisherSettings

if __name__ == "__main__":
    run("bots", PublisherSettings, rooms)
