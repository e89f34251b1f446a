"""`python -m services.chat [--roles http,turns,watchdogs,relay]`."""

from services.chat.bootstrap import rooms
from services.chat.settings import ChatSettings
from shared.host import run

if __name__ == "__main__":
    run("chat", ChatSettings, rooms)
