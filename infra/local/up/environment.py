"""The environment variables of each process. Variables of the developer's own AWS setup are left out."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from infra.local.up.settings import UpSettings
from infra.local.up.state import State

REGION = "us-east-1"
_FOREIGN = (
    "AWS_",
    "COLLOQUY_",
    "LOCALSTACK_",
    "MINISTACK_",
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
    "MAKE",
    "MFLAGS",
)
# glibc raises this threshold after it has freed a large block, and then keeps up to twice that size of freed memory.
# When the variable is set, to the default here, the threshold stays: each service needs 2-4 MB less after its start.
_MEMORY = {"MALLOC_TRIM_THRESHOLD_": str(128 * 1024)}


def base(inherited: Mapping[str, str], repository: Path) -> dict[str, str]:
    """The terminal's environment without variables that could make our processes use another AWS."""
    kept = {name: value for name, value in inherited.items() if not name.startswith(_FOREIGN)}
    return kept | {"PYTHONPATH": str(repository), "PYTHONUNBUFFERED": "1", **_MEMORY}


def aws(endpoint: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        # The developer's files may have endpoints and options for the real AWS.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def models(settings: UpSettings, model_server: str) -> dict[str, str]:
    """Settings of model calls: to the local model server or to Bedrock. They contain no credentials."""
    chosen = {"COLLOQUY_ALLOWED_MODELS": json.dumps(settings.allowed_models)}
    if settings.default_model:
        chosen["COLLOQUY_DEFAULT_MODEL"] = settings.default_model
    if settings.title_model:
        chosen["COLLOQUY_TITLE_MODEL"] = settings.title_model
    if settings.bedrock == "local":
        # The toy model makes bad titles, and the title would compete with the answer for two cores.
        chosen.setdefault("COLLOQUY_TITLE_MODEL", "scripted.title")
        own = {"gguf": settings.model_file, "openai": settings.openai_address}
        sources = ["local", *(source for source, given in own.items() if given), "scripted"]
        return chosen | {
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": model_server,
            "COLLOQUY_MODEL_SOURCES": json.dumps(sources),
        }
    return chosen | {
        "AWS_ENDPOINT_URL_BEDROCK": f"https://bedrock.{settings.bedrock_region}.amazonaws.com",
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": f"https://bedrock-runtime.{settings.bedrock_region}.amazonaws.com",
        "COLLOQUY_MODEL_SOURCES": json.dumps(["bedrock"]),
        "COLLOQUY_BEDROCK_REGION": settings.bedrock_region,
    }


def limits(settings: UpSettings) -> dict[str, str]:
    """Limits per caller that differ from the defaults."""
    chosen = {"RUNNING_TURNS_LIMIT": settings.running_turns_limit, "OPEN_STREAMS_LIMIT": settings.open_streams_limit}
    return {f"COLLOQUY_{name}": str(limit) for name, limit in chosen.items() if limit is not None}


def service(port: int, outputs: Mapping[str, str], state: State) -> dict[str, str]:
    return {
        **outputs,
        "COLLOQUY_ENVIRONMENT": "local",
        "COLLOQUY_HOST": "127.0.0.1",
        "COLLOQUY_PORT": str(port),
        "COLLOQUY_CURSOR_SECRET": state.secret("cursor"),
        "COLLOQUY_INTERNAL_TOKEN_SECRET": state.secret("internal-token"),
    }


def functions(
    *,
    aws: str,
    port: int,
    services: Mapping[str, int],
    local: Mapping[str, str],
    local_of: Mapping[str, Mapping[str, str]],
    state: State,
) -> dict[str, str]:
    """The settings of a function host; `local` holds the variables of all functions, `local_of` those by service."""
    settings = {
        "ENVIRONMENT": "local",
        "AWS": aws,
        "PORT": str(port),
        "SERVICES": json.dumps(services),
        "LOCAL": json.dumps(local),
        "LOCAL_OF": json.dumps(local_of),
        "FOLDER": str(state.folder / "functions"),
        "LOGS": str(state.logs),
    }
    return {f"COLLOQUY_FUNCTIONS_{name}": value for name, value in settings.items()}
