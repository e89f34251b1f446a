"""`docs/deploy-options.md`, written from the templates: `python -m infra.docs.deploy_options`; a test compares them."""

from collections.abc import Iterator
from typing import Any, Final

from infra.deploy.bedrock_chat import OPTIONS
from infra.deploy.deployment import ALL, BUILD_PARAMETERS, DERIVED_PARAMETERS
from infra.deploy.parameters import as_text
from infra.deploy.templates import load
from infra.packaging.wheels import REPOSITORY

PAGE: Final = REPOSITORY / "docs" / "deploy-options.md"
_INTRODUCTION: Final = """\
# Deploy options

Written by `python -m infra.docs.deploy_options` from the templates; a test compares them. How they are given:
[deploying](deploying.md).

## Of `deploy.toml` itself
| field | default | |
|---|---|---|
| `region` | the terminal's | where everything is, but for the firewall and the certificate of CloudFront |
| `arch`, `runtime` | `arm64`, `python3.13` | of all functions; SnapStart wants Python 3.12 or newer |
| `firewall` | `true` | CloudFront's, in us-east-1; `false` has none: ranges, countries and rates do nothing |
| `logo` | | a picture beside the file, shown in the web chat's drawer |

## Parameters of the templates
Under `[<environment>.parameters]`. Each goes to every stack that knows it.
"""
_OLD: Final = """\
## Coming from Bedrock Chat
`./deploy.sh --cdk-json-override '{"context": {…}}'` takes the old names where a value can be carried over, and says
what to do where only a person can tell. [What becomes of everything else](migrating-from-bedrock-chat.md).
"""
_FLAGS: Final = """\
| flag of `bin.sh` | here |
|---|---|
| `--disable-self-register` | the same, or `SelfSignUp = false` |
| `--enable-lambda-snapstart` | the same, and on already: `SnapStart` |
| `--ipv4-ranges`, `--ipv6-ranges`, `--disable-ipv6` | the same |
| `--allowed-signup-email-domains`, `--bedrock-region` | the same |
| `--cdk-json-override` | the same; better a `deploy.toml` in your own repository |
| `--version` | `git checkout <tag>` before `./deploy.sh`: what is checked out is what is deployed |
| `--repo-url` | clone that repository and run its own `./deploy.sh` |
"""


def page() -> str:
    parts = [_INTRODUCTION, "\n".join(_parameters()), "", _OLD, "\n".join(_old_names()), "", _FLAGS]
    return "\n".join(parts)


def _parameters() -> Iterator[str]:
    yield "| parameter | default | allowed | stacks | |"
    yield "|---|---|---|---|---|"
    declared: dict[str, tuple[dict[str, Any], list[str]]] = {}
    for stack in ALL:
        for name, each in load(stack)["Parameters"].items():
            declared.setdefault(name, (each, []))[1].append(stack)
    for name in sorted(declared.keys() - DERIVED_PARAMETERS - BUILD_PARAMETERS.keys()):
        each, stacks = declared[name]
        default = as_text(name, each["Default"])
        cells = [f"`{name}`", f"`{default}`" if default else "", _allowed(each), ", ".join(stacks)]
        yield f"| {' | '.join(cells)} | {_plain(each.get('Description', ''))} |"


def _allowed(declared: dict[str, Any]) -> str:
    if "AllowedValues" in declared:
        return ", ".join(as_text("", each) for each in declared["AllowedValues"])
    least, most = declared.get("MinValue"), declared.get("MaxValue")
    if least is None and most is None:
        return {"Number": "a number", "CommaDelimitedList": "a list"}.get(declared["Type"], "")
    return f"{'' if least is None else least} to {'' if most is None else most}".removesuffix(" to ") + (
        "" if most is not None else " or more"
    )


def _plain(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _old_names() -> Iterator[str]:
    yield "| option of `cdk.json` or `parameter.ts` | here | |"
    yield "|---|---|---|"
    for old, option in OPTIONS.items():
        now = ", ".join(f"`{each}`" if each != "(none)" else "none" for each in option.now.split(", "))
        yield f"| `{old}` | {now} | {option.remark} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
