"""`python -m services.chat [--roles http,turns,watchdogs,relay]`."""

from services.chat.app import build
from services.chat.settings import ChatSettings
from shared.host.service_process import run_service

if __name__ == "__main__":
    run_service("chat", ChatSettings, build)
