"""The process host: one service, one event loop, the roles it was started with."""

from shared.host.process import Rooms, Worker, run
from shared.host.standing import Publishing, Standing, publishing, standing

__all__ = ["Publishing", "Rooms", "Standing", "Worker", "publishing", "run", "standing"]
