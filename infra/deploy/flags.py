"""`./deploy.sh`: the flags of Bedrock Chat's `bin.sh`, and our own `--env`, `--yes`, `--parameter`."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from infra.deploy.__main__ import deploy, report_errors
from infra.deploy.bedrock_chat import ConfigTable, convert_overrides, merge
from infra.deploy.config import DeployConfig, read_config
from infra.deploy.parameters import InvalidParameterError
from infra.deploy.terminal import Terminal

_UNSUPPORTED = {
    "version": "check out the version first: git checkout {}",
    "repo_url": "clone that repository and run its own deploy.sh: git clone {}",
}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="./deploy.sh", description="Deploys to the terminal's account.")
    made.add_argument("--env", default="default", help="name of the environment; one account can have several")
    made.add_argument("--yes", action="store_true", help="make the changes without asking")
    made.add_argument("--file", type=Path, help="deploy.toml with more options; flags replace its values")
    made.add_argument(
        "--parameter", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the templates"
    )
    made.add_argument("--disable-self-register", action="store_true")
    made.add_argument("--enable-lambda-snapstart", action="store_true")
    made.add_argument("--ipv4-ranges", help="ranges that may use the web chat: JSON list or comma-separated")
    made.add_argument("--ipv6-ranges", help="ranges that may use the web chat: JSON list or comma-separated")
    made.add_argument("--disable-ipv6", action="store_true")
    made.add_argument("--allowed-signup-email-domains", help="JSON list or comma-separated")
    made.add_argument("--bedrock-region")
    made.add_argument("--cdk-json-override", help="Bedrock Chat's options by their old names, as JSON")
    made.add_argument("--repo-url", help=argparse.SUPPRESS)
    made.add_argument("--version", help=argparse.SUPPRESS)
    return made


def config_of(given: argparse.Namespace) -> DeployConfig:
    """The configuration from file and flags; flags replace values of the file. Raises InvalidParameterError."""
    for name, advice in _UNSUPPORTED.items():
        if value := getattr(given, name):
            raise InvalidParameterError(f"--{name.replace('_', '-')}: {advice.format(value)}")
    base = read_config(given.file, given.env) if given.file else DeployConfig()
    try:
        from_file = base.model_dump(exclude_unset=True)
        return DeployConfig.model_validate(merge(iter([from_file, *_tables(given)])))
    except ValidationError as wrong:
        raise InvalidParameterError(
            f"{'.'.join(map(str, wrong.errors()[0]['loc']))}: {wrong.errors()[0]['msg']}"
        ) from wrong


def _tables(given: argparse.Namespace) -> Iterator[ConfigTable]:
    if given.cdk_json_override:
        yield convert_overrides(given.cdk_json_override)
    yield {"parameters": dict(_parameters(given))}


def _parameters(given: argparse.Namespace) -> Iterator[tuple[str, Any]]:
    if given.disable_self_register:
        yield "SelfSignUp", False
    if given.enable_lambda_snapstart:
        yield "SnapStart", True
    if given.disable_ipv6:
        yield "EnableIpv6", False
    lists = {
        "AllowedIpV4AddressRanges": given.ipv4_ranges,
        "AllowedIpV6AddressRanges": given.ipv6_ranges,
        "AllowedSignUpEmailDomains": given.allowed_signup_email_domains,
    }
    for name, value in lists.items():
        if value:
            yield name, [each.strip(" \"'[]") for each in value.split(",")]
    if given.bedrock_region:
        yield "BedrockRegion", given.bedrock_region
    for each in given.parameter:
        name, separator, value = each.partition("=")
        if not separator:
            raise InvalidParameterError(f"--parameter {each}: must be NAME=VALUE")
        yield name, value


def main(words: list[str]) -> int:
    given = parser().parse_args(words)
    terminal = Terminal(yes=given.yes)
    return report_errors("./deploy.sh", lambda: deploy(given.env, config_of(given), terminal))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
