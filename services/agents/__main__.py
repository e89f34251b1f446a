"""`python -m services.agents [--roles http,calls,events,relay]`."""

from services.agents.bootstrap import rooms
from services.agents.settings import AgentsSettings
from shared.host import run

if __name__ == "__main__":
    run("agents", AgentsSettings, rooms)
