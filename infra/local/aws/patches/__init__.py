"""Patches of ministack 1.5.33 where it differs from AWS and Colloquy needs the difference fixed.

Each module patches one fault and has a test. The patches use private names, so `infra.local.aws.launcher` refuses any
other version. docs/local-aws.md lists them.
"""

from pathlib import Path

from infra.local.aws.patches import (
    admin_only_sign_up,
    code_blobs,
    confirmation_codes,
    error_names,
    external_functions,
    long_polls,
    mapping_concurrency,
    pipes_to_functions,
    queue_delays,
    stubbed_types,
    table_ttl,
    user_pool_triggers,
    username_case,
)


def apply_all(outbox: Path, functions: str | None = None) -> None:
    """Apply all patches, once per process, after ministack was imported.

    `outbox`: file to which confirmation codes are appended. `functions`: URL of the function host, if there is one.
    """
    table_ttl.apply()
    stubbed_types.apply()
    error_names.apply()
    queue_delays.apply()
    long_polls.apply()
    confirmation_codes.apply(outbox)
    admin_only_sign_up.apply()
    user_pool_triggers.apply()
    username_case.apply()
    code_blobs.apply()
    mapping_concurrency.apply()
    pipes_to_functions.apply()
    external_functions.apply(functions)
