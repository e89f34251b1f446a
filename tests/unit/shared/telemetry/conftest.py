import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """Restore the logging configuration after each test."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:], logging.root.level = handlers, level
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """Return a function that parses the lines logged since its last call."""
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]
