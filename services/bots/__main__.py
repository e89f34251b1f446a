"""`python -m services.bots [--roles http,events,relay]`."""

from services.bots.bootstrap import rooms
from shared.host import run
from shared.settings import ServiceSettings

if __name__ == "__main__":
    run("bots", ServiceSettings, rooms)
