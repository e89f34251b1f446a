"""What ministack 1.5.33 does differently from AWS, and Colloquy needs. One fault per module, each with its test.

Each reaches into private names and is tied to `infra.local.aws.pin`. docs/local-aws.md lists them.
"""

from pathlib import Path

from infra.local.aws.patches import (
    case_of_names,
    confirmation_codes,
    error_names,
    invited_only,
    long_polls,
    queue_delays,
    table_ttl,
    user_pool_triggers,
)


def apply_all(outbox: Path) -> None:
    """Once per process, after ministack was imported. Codes for people are appended to `outbox`."""
    table_ttl.apply()
    error_names.apply()
    queue_delays.apply()
    long_polls.apply()
    confirmation_codes.apply(outbox)
    invited_only.apply()
    user_pool_triggers.apply()
    case_of_names.apply()
