"""The page about local models documents every name."""

from pathlib import Path

import pytest

from infra.local.bedrock.request_log import LoggedRequest
from infra.local.bedrock.responses import STOP_REASONS
from infra.local.bedrock.scripted import directives
from infra.local.bedrock.scripted.behaviours import BEHAVIOURS
from infra.local.bedrock.scripted.directives import Directives
from infra.local.bedrock.scripted.faults import Fault

PAGE = (Path(__file__).parents[5] / "docs" / "local-models.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name", [*BEHAVIOURS, *Directives.model_fields, *Fault, *STOP_REASONS, *LoggedRequest.__dataclass_fields__]
)
def test_every_model_directive_fault_and_field_is_documented(name: str) -> None:
    assert f"`{name}`" in PAGE


def test_the_example_directives_can_be_parsed() -> None:
    examples = PAGE.split("```")[5]
    groups, text = directives.parse(examples)
    assert (len(groups), text) == (5, "Compare three metals.")
