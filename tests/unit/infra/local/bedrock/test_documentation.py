"""The page about the models names what there is."""

from pathlib import Path

import pytest

from infra.local.bedrock.request_log import LoggedRequest
from infra.local.bedrock.scripted import directives
from infra.local.bedrock.scripted.behaviours import BEHAVIOURS
from infra.local.bedrock.scripted.directives import Directives
from infra.local.bedrock.scripted.faults import Fault

PAGE = (Path(__file__).parents[5] / "docs" / "local-models.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*BEHAVIOURS, *Directives.model_fields, *Fault, *LoggedRequest.__dataclass_fields__])
def test_every_model_directive_fault_and_field_is_documented(name: str) -> None:
    assert f"`{name}`" in PAGE


def test_the_example_directives_are_understood() -> None:
    examples = PAGE.split("```")[5]
    groups, words = directives.parse(examples)
    assert (len(groups), words) == (4, "Compare three metals.")
