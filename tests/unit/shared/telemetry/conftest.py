import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """What a test configures ends with it."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:], logging.root.level = handlers, level
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """The lines that were logged since it was last asked, each parsed."""
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]
