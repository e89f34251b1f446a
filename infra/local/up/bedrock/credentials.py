"""The credentials of `make up BEDROCK=aws`: an API key of Bedrock, a profile, or access keys of the terminal.

Only the process that calls models gets them, and in it only the client of Bedrock uses them. Everything else has the
embedded AWS's own keys, which are not secret. No text made here contains a secret.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from botocore.configloader import load_config, raw_config_parse
from botocore.exceptions import ConfigNotFound, ConfigParseError

from infra.local.up.errors import CannotStartError
from infra.local.up.settings import UpSettings
from infra.local.up.state import State

_FILES: Final = {"AWS_CONFIG_FILE": "~/.aws/config", "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials"}
_TEMPORARY: Final = "ASIA"
"""How the ids of temporary access keys begin; they work only together with their session token."""
_OF_TERMINAL: Final = "colloquy-terminal"


@dataclass(frozen=True)
class BedrockCredentials:
    """`payer`: in words, who pays. `variables`: for the process that calls models. `not_used`: what else was given.

    `file`: the content of a credentials file that `variables` names; empty if none is needed.
    """

    payer: str
    variables: Mapping[str, str] = field(repr=False)
    not_used: str = ""
    file: str = field(default="", repr=False)


def choose(settings: UpSettings, inherited: Mapping[str, str], state: State) -> BedrockCredentials | None:
    """None unless BEDROCK=aws. Raises CannotStartError that says what is missing and how to give it.

    botocore and the AWS CLI prefer an API key to everything else, too. A profile is preferred to access keys, because
    it is what one gives to `make up` itself.
    """
    if settings.bedrock != "aws":
        return None
    given = _given(settings)
    if not given:
        raise CannotStartError(_how_to_give(settings, inherited))
    not_used = ", ".join(given[1:])
    if settings.aws_bearer_token_bedrock:
        return _api_key(settings.aws_bearer_token_bedrock.get_secret_value(), not_used)
    if settings.aws_profile:
        return _profile(settings.aws_profile, inherited, not_used)
    return _access_keys(settings, state)


@contextmanager
def stored(credentials: BedrockCredentials | None, state: State) -> Iterator[None]:
    """While the system runs, keep the credentials file, if one is needed. Only its owner may read it."""
    file = _file(state)
    file.unlink(missing_ok=True)  # of a `make up` that was killed
    if credentials and credentials.file:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
            opened.write(credentials.file)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _given(settings: UpSettings) -> list[str]:
    """The names of the variables that were given, of each kind of credentials one; the one to use comes first."""
    kinds = {
        "AWS_BEARER_TOKEN_BEDROCK": settings.aws_bearer_token_bedrock,
        "AWS_PROFILE": settings.aws_profile,
        "AWS_ACCESS_KEY_ID": settings.aws_access_key_id or settings.aws_secret_access_key,
    }
    return [name for name, value in kinds.items() if value]


def _api_key(token: str, not_used: str) -> BedrockCredentials:
    payer = "the account of the API key in AWS_BEARER_TOKEN_BEDROCK"
    name = "AWS_BEARER_TOKEN_BEDROCK"
    return BedrockCredentials(payer, {name: _word(name, token)}, not_used)


def _profile(name: str, inherited: Mapping[str, str], not_used: str) -> BedrockCredentials:
    files = _profile_files(inherited)
    if name not in (known := _profiles(files)):
        where = " and ".join(files.values())
        raise CannotStartError(f"AWS_PROFILE={name}: no such profile in {where} ({_listed(known)})")
    return BedrockCredentials(f"the account of profile {name}", {"COLLOQUY_BEDROCK_PROFILE": name, **files}, not_used)


def _access_keys(settings: UpSettings, state: State) -> BedrockCredentials:
    key_id, secret, token = settings.aws_access_key_id, settings.aws_secret_access_key, settings.aws_session_token
    if not key_id or not secret:
        missing = "AWS_SECRET_ACCESS_KEY" if key_id else "AWS_ACCESS_KEY_ID"
        raise CannotStartError(f"BEDROCK=aws: access keys are two variables, and {missing} is missing")
    if key_id.startswith(_TEMPORARY) and not token:
        raise CannotStartError(
            f"BEDROCK=aws: AWS_SESSION_TOKEN is missing; keys that begin with {_TEMPORARY} are temporary and need it"
        )
    content = {"AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": secret.get_secret_value()}
    if token:
        content["AWS_SESSION_TOKEN"] = token.get_secret_value()
    lines = [f"[{_OF_TERMINAL}]", *(f"{name.lower()} = {_word(name, value)}" for name, value in content.items())]
    # A file, because AWS_ACCESS_KEY_ID of the process already has the embedded AWS's key.
    variables = {"COLLOQUY_BEDROCK_PROFILE": _OF_TERMINAL, "AWS_SHARED_CREDENTIALS_FILE": str(_file(state))}
    return BedrockCredentials("the account of AWS_ACCESS_KEY_ID", variables, file="\n".join([*lines, ""]))


def _word(name: str, value: str) -> str:
    """The value without blanks around it. It becomes a header or a line of a file, so it must have none inside."""
    if len(value.split()) != 1 or not value.isascii():
        raise CannotStartError(f"{name} has blanks or letters that no such value has; copy it again")
    return value.strip()


def _file(state: State) -> Path:
    return state.run / "bedrock-credentials"


def _profile_files(inherited: Mapping[str, str]) -> dict[str, str]:
    """Absolute paths, because a process of `COMPUTE=lambda` has no home folder."""
    home = inherited.get("HOME", "~")
    return {name: inherited.get(name) or usual.replace("~", home, 1) for name, usual in _FILES.items()}


def _profiles(files: Mapping[str, str]) -> list[str]:
    config, credentials = (files[name] for name in _FILES)
    found: set[str] = set()
    with _readable(config):
        found |= set(load_config(config)["profiles"])
    with _readable(credentials):
        found |= set(raw_config_parse(credentials))
    return sorted(found)


@contextmanager
def _readable(file: str) -> Iterator[None]:
    """A file that does not exist has no profiles. Raises CannotStartError for one that is something else."""
    try:
        yield
    except ConfigNotFound:
        pass
    except (ConfigParseError, UnicodeDecodeError):
        raise CannotStartError(f"{file} is not a file of AWS profiles") from None


def _listed(profiles: list[str]) -> str:
    return f"there are: {', '.join(profiles)}" if profiles else "there are none"


def _how_to_give(settings: UpSettings, inherited: Mapping[str, str]) -> str:
    return f"""BEDROCK=aws needs credentials of an AWS account that may call Bedrock, and none were given. Give one of:
  an API key of Bedrock  export AWS_BEARER_TOKEN_BEDROCK=…      (made in the Bedrock console, under API keys)
  a profile              make up BEDROCK=aws AWS_PROFILE=<name>  ({_listed(_profiles(_profile_files(inherited)))})
  access keys            export AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… (temporary ones: and AWS_SESSION_TOKEN=…)
The region is {settings.bedrock_region}; choose another one with BEDROCK_REGION=eu-central-1."""
