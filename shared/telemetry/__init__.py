"""Logs, metrics and traces as lines of JSON, without tokens, keys, prompts and answers."""

from shared.telemetry.logs import configure_logging
from shared.telemetry.metrics import Metrics
from shared.telemetry.tally import Tally
from shared.telemetry.traces import current_traceparent

__all__ = [
    "Metrics",
    "Tally",
    "configure_logging",
    "current_traceparent",
]
