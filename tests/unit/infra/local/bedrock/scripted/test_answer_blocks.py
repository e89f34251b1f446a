"""What a model thinks before it answers, by family and by how it is asked."""

from typing import Any

import pytest

from infra.local.bedrock.responses import ReasoningContent, length
from infra.local.bedrock.scripted import answer_blocks, prompt
from infra.local.bedrock.scripted.behaviours import BEHAVIOURS
from tests.fakes.converse import user
from tests.unit.infra.local.bedrock.scripted_answers import asked


def reasoning(model: str, text: str = "hi", **fields: Any) -> ReasoningContent | None:
    tried = asked(user(text), model=model, additionalModelRequestFields=fields)
    blocks, _ = answer_blocks.write(tried, BEHAVIOURS[model], prompt.read(tried.request, obeys_directives=True))
    return next((block for block in blocks if isinstance(block, ReasoningContent)), None)


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ("scripted.claude", {"thinking": {"type": "disabled"}}),
        ("scripted.budget", {}),
        ("scripted.nova", {}),
        ("scripted.gpt", {"reasoning": {"effort": "none"}}),
        ("scripted.llama", {}),
        ("scripted.lorem", {}),
    ],
)
def test_a_model_does_not_think_unless_it_is_asked_to(model: str, fields: dict[str, Any]) -> None:
    assert reasoning(model, **fields) is None


@pytest.mark.parametrize(
    ("model", "fields", "shown", "is_signed"),
    [
        ("scripted.claude", {}, 0, True),
        ("scripted.claude", {"thinking": {"type": "adaptive", "display": "summarized"}}, 20, True),
        ("scripted.bound", {}, 0, True),
        ("scripted.budget", {"thinking": {"type": "enabled", "budget_tokens": 2000}}, 20, True),
        ("scripted.nova", {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "low"}}, 1, False),
        ("scripted.gpt", {"reasoning": {"effort": "low"}}, 20, False),
        ("scripted.think", {}, 40, True),
    ],
)
def test_each_family_shows_its_reasoning_in_its_own_way(
    model: str, fields: dict[str, Any], shown: int, is_signed: bool
) -> None:
    block = reasoning(model, **fields)
    assert block is not None
    assert (len(block.tokens), bool(block.signature)) == (shown, is_signed)
    assert length(block) in {20, 40}


def test_hidden_reasoning_costs_output_and_room() -> None:
    tried = asked(user("hi"), model="scripted.bound", inferenceConfig={"maxTokens": 12})
    blocks, reason = answer_blocks.write(
        tried, BEHAVIOURS["scripted.bound"], prompt.read(tried.request, obeys_directives=True)
    )
    assert ([length(block) for block in blocks], reason) == ([12], "max_tokens")


def test_a_directive_sets_how_much_is_thought() -> None:
    block = reasoning("scripted.claude", "[[reasoning=7]] hi")
    assert block is not None
    assert (block.tokens, block.hidden) == ([], 7)
