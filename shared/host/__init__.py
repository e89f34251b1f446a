"""The process host: one service, one event loop, the roles it was started with."""

from shared.host.process import Rooms, Worker, run
from shared.host.standing import Standing, standing

__all__ = ["Rooms", "Standing", "Worker", "run", "standing"]
