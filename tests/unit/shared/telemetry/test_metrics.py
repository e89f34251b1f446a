"""Metrics: lines of CloudWatch's embedded metric format."""

import io
import json
from typing import Any

import pytest

from shared.clock import epoch_millis
from shared.telemetry import Metrics
from shared.telemetry.metrics import NAMESPACE
from tests.fakes.clock import FakeClock


def metric_line(name: str, value: float, unit: Any = "Count", **dimensions: str) -> dict[str, Any]:
    out = io.StringIO()
    Metrics("chat", FakeClock(), out).put(name, value, unit, **dimensions)
    (line,) = out.getvalue().splitlines()
    return dict(json.loads(line, parse_constant=lambda constant: pytest.fail(f"{constant} is no JSON")))


def test_a_metric_is_one_line_of_the_format() -> None:
    line = metric_line("Turns", 1, model="scripted.echo")
    assert line == {
        "_aws": {
            "Timestamp": epoch_millis(FakeClock().now()),
            "CloudWatchMetrics": [
                {
                    "Namespace": NAMESPACE,
                    "Dimensions": [["service", "model"]],
                    "Metrics": [{"Name": "Turns", "Unit": "Count"}],
                }
            ],
        },
        "service": "chat",
        "model": "scripted.echo",
        "Turns": 1,
    }


@pytest.mark.parametrize("unit", ["Count", "Milliseconds", "Bytes", "None"])
def test_every_declared_dimension_and_metric_has_a_value(unit: str) -> None:
    line = metric_line("Took", 1.5, unit, queue="turns", route="GET /x")
    (declared,) = line["_aws"]["CloudWatchMetrics"]
    assert all(name in line for name in declared["Dimensions"][0])
    assert line[declared["Metrics"][0]["Name"]] == 1.5
    assert declared["Metrics"][0]["Unit"] == unit


def test_metrics_are_written_to_stdout_like_logs(capsys: pytest.CaptureFixture[str]) -> None:
    Metrics("chat", FakeClock()).put("Turns", 2)
    assert json.loads(capsys.readouterr().out)["Turns"] == 2
