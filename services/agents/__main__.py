"""`python -m services.agents [--roles http,calls,events,relay]`."""

from services.agents.app import build
from services.agents.settings import AgentsSettings
from shared.host.service_process import run_service

if __name__ == "__main__":
    run_service("agents", AgentsSettings, build)
