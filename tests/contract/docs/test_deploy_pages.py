"""The pages about deploying agree with the code."""

import re

import pytest

from infra.deploy.bedrock_chat import OPTIONS
from infra.deploy.deployment import ALL, BUILD_PARAMETERS, DERIVED_PARAMETERS
from infra.deploy.flags import parser
from infra.deploy.templates import load
from infra.docs.deploy_options import PAGE, page
from infra.local.aws.stubs import STUBBED_TYPES
from tests.stack import ROOT

PARAMETERS = {name for stack in ALL for name in load(stack)["Parameters"]}


def test_the_page_of_options_is_generated_from_the_templates() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"


def test_the_page_of_options_has_every_parameter_that_may_be_given() -> None:
    rows = set(re.findall(r"^\| `([A-Z]\w+)` \|", page(), re.MULTILINE))
    assert rows == PARAMETERS - DERIVED_PARAMETERS - BUILD_PARAMETERS.keys()


def test_the_page_of_options_has_every_old_option_and_every_flag() -> None:
    text = page()
    assert all(f"| `{old}` |" in text for old in OPTIONS)
    own = {"--help", "--env", "--yes", "--file", "--parameter"}
    flags = {option for action in parser()._actions for option in action.option_strings if option.startswith("--")}
    assert set(re.findall(r"`(--[a-z0-9-]+)", text)) >= flags - own


@pytest.mark.parametrize("name", ["deploying", "migrating-from-bedrock-chat"])
def test_a_page_names_existing_parameters_only(name: str) -> None:
    text = (ROOT / f"docs/{name}.md").read_text(encoding="utf-8")
    mentioned = set(re.findall(r"`([A-Z][A-Za-z0-9]+)(?: ?=[^`]*)?`", text))
    others = {"Admin", "CreatingBotAllowed", "PublishAllowed", "ENV"}  # groups, and make's own
    assert mentioned - others <= PARAMETERS


def test_every_stubbed_resource_type_is_documented() -> None:
    text = (ROOT / "docs/local-aws.md").read_text(encoding="utf-8")
    assert [kind for kind in STUBBED_TYPES if f"`{kind}`" not in text] == []


def test_every_patch_of_the_embedded_aws_is_documented() -> None:
    text = (ROOT / "docs/local-aws.md").read_text(encoding="utf-8")
    patches = {file.stem for file in (ROOT / "infra/local/aws/patches").glob("*.py")} - {"__init__", "deferred"}
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) >= patches
