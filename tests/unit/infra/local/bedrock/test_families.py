import pytest

from infra.local.bedrock import families
from infra.local.bedrock.families import BY_MODEL, CLAUDE, NOBODY, OPEN
from infra.local.bedrock.scripted.behaviours import BEHAVIOURS


def test_a_model_has_the_family_of_its_name() -> None:
    assert families.of("scripted.claude") is CLAUDE
    assert families.of("scripted.lorem") is OPEN
    assert families.of("local.gguf") is NOBODY


def test_every_model_of_a_family_can_answer() -> None:
    assert BY_MODEL.keys() <= BEHAVIOURS.keys()


@pytest.mark.parametrize("name", ["scripted.think", "scripted.strict", "scripted.claude", "scripted.bound"])
def test_some_families_refuse_a_begun_answer(name: str) -> None:
    assert not families.of(name).prefill
