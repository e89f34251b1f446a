"""Metrics as log lines in CloudWatch's embedded metric format, so that they need no call of an API.

Format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import sys
from collections.abc import Mapping
from typing import Final, Literal, TextIO

from shared.clock import Clock, epoch_millis

Unit = Literal["Count", "Milliseconds", "Bytes", "None"]
NAMESPACE: Final = "Colloquy"


class Metrics:
    """Writes metrics of one service. Dimensions have few values (a model, a queue, a route), never ids."""

    def __init__(self, service: str, clock: Clock, out: TextIO | None = None) -> None:
        self._service = service
        self._clock = clock
        self._out = out or sys.stdout

    def put(self, name: str, value: float, unit: Unit = "Count", **dimensions: str) -> None:
        """Write one metric."""
        self.put_together({name: (value, unit)}, **dimensions)

    def put_together(self, values: Mapping[str, tuple[float, Unit]], **dimensions: str) -> None:
        """Write several metrics with the same dimensions, on one line."""
        named: Mapping[str, str] = {"service": self._service, **dimensions}
        line = {
            "_aws": {
                "Timestamp": epoch_millis(self._clock.now()),
                "CloudWatchMetrics": [
                    {
                        "Namespace": NAMESPACE,
                        "Dimensions": [list(named)],
                        "Metrics": [{"Name": name, "Unit": unit} for name, (_, unit) in values.items()],
                    }
                ],
            },
            **named,
            **{name: value for name, (value, _) in values.items()},
        }
        self._out.write(json.dumps(line, separators=(",", ":")) + "\n")
        self._out.flush()
