"""What agents hears. It acts on none of it yet: no turn's tool calls run here, so there is nothing to cancel.

The queue is kept empty; `chat.turn.cancelled` finds its function here together with the consumer of calls.
"""

from shared.events.dispatch import Handlers


def handlers() -> Handlers:
    return Handlers({})
