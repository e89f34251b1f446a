"""Shortens the pauses of the embedded AWS. Its answers stay the same.

Every condition is parsed by functions that refer to one another, so each request left a cycle behind, and the
collector went through 300,000 lasting objects of templates and modules to find it: pauses of some 100 ms under load.
The system has few expressions, so each is parsed once. Objects that exist after the start are frozen, and so are the
items written since: 100,000 frames of answers made pauses of 600 ms, in which every stream stood still.
Queues and stacks were copied piece by piece for each snapshot, which is serialised at once anyway: 60 ms. What a
snapshot writes down beside the requests must not hold them up for the 5 ms that a thread may keep the interpreter.
"""

import gc
import sys
from functools import lru_cache
from typing import Final

_SWITCH_S: Final = 0.0005


def apply_tuning() -> None:
    """Call once per process, after ministack was imported and its state loaded."""
    from ministack.services import cloudformation, dynamodb, sqs

    dynamodb._condition_syntax_error = lru_cache(maxsize=1024)(dynamodb._condition_syntax_error)
    sqs.get_state = lambda: {"queues": sqs._queues, "queue_name_to_url": sqs._queue_name_to_url}
    cloudformation.get_state = lambda: {key: stored() for stored, key in cloudformation._PERSISTED_STORES}
    sys.setswitchinterval(_SWITCH_S)
    gc.collect()
    gc.freeze()


def freeze_survivors() -> None:
    """Call after writes: objects that have survived are likely permanent, so the collector need not visit them again.

    An item that is deleted later goes all the same, by its count of references.
    """
    gc.collect(1)
    gc.freeze()


def undo_tuning() -> None:
    """Call at the end: frozen objects would not be freed, and libraries would warn about them."""
    gc.unfreeze()
