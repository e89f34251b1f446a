"""What an earlier `make up` on the same state folder left running when it was killed."""

from infra.local.supervisor import processes
from infra.local.up.state import State

_GRACE_SECONDS = 15


def end_leftovers(state: State) -> int:
    """Number of processes ended. Only processes that carry this folder's mark are touched."""
    return processes.end(lambda: processes.marked(state.folder), grace_seconds=_GRACE_SECONDS)
