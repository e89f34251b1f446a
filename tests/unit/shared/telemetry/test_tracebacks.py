"""A logged traceback has the places and the type of the error, without values of variables or the message."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from shared.telemetry import configure_logging


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:], logging.root.level = handlers, level
    structlog.reset_defaults()


def fail() -> None:
    prompt = "my-secret-prompt"
    raise ValueError(f"cannot read {prompt}")


@pytest.mark.parametrize("logger", [structlog.get_logger, lambda: logging.getLogger("a.library")])
def test_a_logged_traceback_has_frames_but_no_message(logger: object, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("chat")
    try:
        fail()
    except ValueError:
        logger().exception("it broke")  # type: ignore[operator]
    line = capsys.readouterr().out
    parsed = json.loads(line)
    assert parsed["exception"][0]["exc_type"] == "ValueError"
    assert any(frame["name"] == "fail" for frame in parsed["exception"][0]["frames"])
    assert "my-secret-prompt" not in line
