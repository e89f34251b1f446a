"""Logs, metrics and traces as lines of JSON, without tokens, keys, prompts and answers."""

from shared.telemetry.logs import configure_logging
from shared.telemetry.metrics import Metrics
from shared.telemetry.tally import Tally
from shared.telemetry.traces import TRACEPARENT, current_traceparent, new_traceparent, parse_traceparent

__all__ = [
    "TRACEPARENT",
    "Metrics",
    "Tally",
    "configure_logging",
    "current_traceparent",
    "new_traceparent",
    "parse_traceparent",
]
