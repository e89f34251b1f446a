"""The process host: one service, one event loop, the roles it was started with."""

from shared.host.process import Rooms, Worker, run
from shared.host.runtime import Publishing, Runtime, open_runtime, publishing

__all__ = ["Publishing", "Rooms", "Runtime", "Worker", "open_runtime", "publishing", "run"]
