"""What bots hears. It acts on none of it yet: its rule is wider than its duties, and the queue is kept empty.

Syncs of knowledge (`ingest.sync.*`) and the use of bots (`chat.turn.completed`) find their functions here.
"""

from shared.events.dispatch import Handlers


def handlers() -> Handlers:
    return Handlers({})
