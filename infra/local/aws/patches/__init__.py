"""What ministack 1.5.33 does differently from AWS, and Colloquy needs. One fault per module, each with its test.

Each reaches into private names and is tied to `infra.local.aws.launcher`. docs/local-aws.md lists them.
"""

from pathlib import Path

from infra.local.aws.patches import (
    case_of_names,
    code_blobs,
    confirmation_codes,
    error_names,
    functions_elsewhere,
    inert_resources,
    invited_only,
    long_polls,
    mapping_concurrency,
    pipes_to_functions,
    queue_delays,
    table_ttl,
    user_pool_triggers,
)


def apply_all(outbox: Path, functions: str | None = None) -> None:
    """Once per process, after ministack was imported. Codes for people are appended to `outbox`.

    `functions`: the address of the host that runs functions, where there is one.
    """
    table_ttl.apply()
    inert_resources.apply()
    error_names.apply()
    queue_delays.apply()
    long_polls.apply()
    confirmation_codes.apply(outbox)
    invited_only.apply()
    user_pool_triggers.apply()
    case_of_names.apply()
    code_blobs.apply()
    mapping_concurrency.apply()
    pipes_to_functions.apply()
    functions_elsewhere.apply(functions)
