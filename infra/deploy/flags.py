"""`./deploy.sh`: the flags of Bedrock Chat's `bin.sh`, and this house's own `--env`, `--yes`, `--parameter`."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from infra.deploy import house_file
from infra.deploy.__main__ import deploy, told_in_a_sentence
from infra.deploy.bedrock_chat import Converted, converted, merged
from infra.deploy.house_file import HouseFile
from infra.deploy.parameters import WishRefusedError
from infra.deploy.terminal import Terminal

_ELSEWHERE = {
    "version": "check out what is to be deployed: git checkout {}",
    "repo_url": "clone it, and run its own deploy.sh: git clone {}",
}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="./deploy.sh", description="Deploys to the terminal's account.")
    made.add_argument("--env", default="default", help="name of the environment; several live side by side")
    made.add_argument("--yes", action="store_true", help="make the changes unasked")
    made.add_argument("--file", type=Path, help="deploy.toml with more options; flags win over it")
    made.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE", help="of the templates")
    made.add_argument("--disable-self-register", action="store_true")
    made.add_argument("--enable-lambda-snapstart", action="store_true")
    made.add_argument("--ipv4-ranges", help="JSON list or comma-separated, of the web chat")
    made.add_argument("--ipv6-ranges", help="JSON list or comma-separated, of the web chat")
    made.add_argument("--disable-ipv6", action="store_true")
    made.add_argument("--allowed-signup-email-domains", help="JSON list or comma-separated")
    made.add_argument("--bedrock-region")
    made.add_argument("--cdk-json-override", help="Bedrock Chat's options by their old names, as JSON")
    made.add_argument("--repo-url", help=argparse.SUPPRESS)
    made.add_argument("--version", help=argparse.SUPPRESS)
    return made


def house_of(given: argparse.Namespace) -> HouseFile:
    """Raises WishRefusedError."""
    for name, advice in _ELSEWHERE.items():
        if value := getattr(given, name):
            raise WishRefusedError(f"--{name.replace('_', '-')}: {advice.format(value)}")
    base = house_file.read(given.file, given.env) if given.file else HouseFile()
    try:
        told = base.model_dump(exclude_unset=True)
        return HouseFile.model_validate(merged(iter([told, *_tables(given)])))
    except ValidationError as wrong:
        raise WishRefusedError(f"{'.'.join(map(str, wrong.errors()[0]['loc']))}: {wrong.errors()[0]['msg']}") from wrong


def _tables(given: argparse.Namespace) -> Iterator[Converted]:
    if given.cdk_json_override:
        yield converted(given.cdk_json_override)
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
            raise WishRefusedError(f"--parameter {each}: NAME=VALUE is wanted")
        yield name, value


def main(words: list[str]) -> int:
    given = parser().parse_args(words)
    terminal = Terminal(yes=given.yes)
    return told_in_a_sentence("./deploy.sh", lambda: deploy(given.env, house_of(given), terminal))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
