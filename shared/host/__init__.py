"""The process host: one service, one event loop, the roles it was started with."""

from shared.host.process import Rooms, Worker, run

__all__ = ["Rooms", "Worker", "run"]
