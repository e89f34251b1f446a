"""The consumer of a declared queue as its Lambda function builds it, over a queue in memory."""

from typing import Any

from shared.clock import Clock
from shared.host.lambda_consumer import BatchConsumer
from shared.host.service_app import ConsumedQueue


def batch_consumer(queue: ConsumedQueue, sqs: Any, clock: Clock) -> BatchConsumer:
    """As in `shared/host/queue_function.py`."""
    return BatchConsumer(
        sqs,
        queue.url,
        queue.dead_letter_url,
        queue.handle,
        concurrency=queue.concurrency,
        visibility_s=queue.visibility_s if queue.settles_on_lambda else None,
        finish_or_hand_over=queue.finish,
        clock=clock,
    )
