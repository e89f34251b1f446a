"""A function configures the logging of its environment for good; a test process has many."""

import pytest


@pytest.fixture
def logging_configured(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Service and level of each time; the process's own logging stays as it is."""
    seen: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "shared.host.environment.configure_logging", lambda service, level: seen.append((service, level))
    )
    return seen
