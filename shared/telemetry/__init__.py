"""Logs, metrics and traces: one line of JSON each, never a token, a key, a prompt or an answer."""

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
