"""A Lambda function configures logging once for its process; here many functions share one process."""

import pytest


@pytest.fixture
def logging_configured(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Record (service, level) of each call instead of configuring the logging of the test process."""
    seen: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "shared.host.environment.configure_logging", lambda service, level: seen.append((service, level))
    )
    return seen
