"""Shortens the pauses of the embedded AWS without changing its responses.

* Condition expressions: parsing one leaves a reference cycle. To free it, the garbage collector visited 300,000
  permanent objects of templates and modules, with pauses of about 100 ms under load. The system has few expressions, so
  the result of parsing is cached.
* Garbage collection: objects that exist after the start are frozen, and so are the items written later. Without that,
  100,000 frames caused pauses of 600 ms, in which every stream stopped.
* Snapshots: ministack copied queues and stacks for each snapshot (60 ms). The copy is not needed, because the state is
  serialised at once.
* Threads: by default a thread may keep the interpreter for 5 ms. A shorter interval keeps the thread that writes a
  snapshot from delaying requests.
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
    """Call after writes. Objects that survive a collection are probably permanent, so later collections skip them.

    A frozen item that is deleted later is still freed, by reference counting.
    """
    gc.collect(1)
    gc.freeze()


def undo_tuning() -> None:
    """Call at the end. Otherwise frozen objects would not be freed, and libraries would warn about them."""
    gc.unfreeze()
