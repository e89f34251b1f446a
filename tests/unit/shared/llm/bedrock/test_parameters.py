"""Tokens, sampling, stop sequences and thinking, as each family of models takes them, and nothing that it rejects."""

import re
from typing import Any

import pytest

from shared.catalogue import Catalogue, Model
from shared.catalogue.data import catalogue_data
from shared.llm.bedrock.parameters import parameters, thinking_fields
from shared.llm.port import ModelRequest, PromptMessage, Sampling
from tests.fakes.clock import FakeClock

CATALOGUE = Catalogue.offered(("bedrock", "scripted"), clock=FakeClock())
MODELS = catalogue_data().models
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
ALL = Sampling(temperature=0.6, top_p=0.9, top_k=250, stop_sequences=("END", "***"))
SUMMARIZED = {"type": "adaptive", "display": "summarized"}
LEVELS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")


def request(model: str | Model, **more: Any) -> ModelRequest:
    found = CATALOGUE.priced(model) if isinstance(model, str) else model
    return ModelRequest("inv_1", found, [PromptMessage.of_text("user", "Hello?")], **more)


def sent(model: str | Model, **more: Any) -> dict[str, Any]:
    return parameters(request(model, **more))


THINKS: list[tuple[str, dict[str, Any]]] = [
    ("claude-opus-5-5", {"thinking": SUMMARIZED}),
    ("claude-fable-5-2", {"thinking": SUMMARIZED}),
    ("claude-sonnet-5-5", {"thinking": SUMMARIZED}),
    ("claude-haiku-5-5", {"thinking": SUMMARIZED}),
    ("claude-opus-5", {"thinking": SUMMARIZED}),
    ("claude-opus-4-8", {"thinking": SUMMARIZED}),
    ("claude-opus-4-7", {"thinking": SUMMARIZED}),
    ("claude-opus-4-6", {"thinking": {"type": "adaptive"}}),
    ("claude-opus-4-5", {"thinking": {"type": "enabled", "budget_tokens": 1024}}),
    ("claude-haiku-4-5", {"thinking": {"type": "enabled", "budget_tokens": 1024}}),
    ("gpt-6-sol", {}),
    ("gpt-6.1-sol", {}),
    ("gpt-oss-120b", {}),
    ("nova-2-lite", {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "medium"}}),
    ("nova-pro", {}),
    ("grok-4.7", {}),
    ("kimi-k3", {}),
    ("deepseek-r1", {}),
    ("deepseek-v3.2", {"reasoning_effort": "medium"}),
]


@pytest.mark.parametrize(("model", "fields"), THINKS)
def test_thinking_is_asked_for_in_the_words_of_the_family(model: str, fields: dict[str, Any]) -> None:
    assert thinking_fields(request(model, reasoning=True)) == fields


LEAST: list[tuple[str, dict[str, Any]]] = [
    ("claude-opus-5-5", {"thinking": SUMMARIZED, "output_config": {"effort": "low"}}),
    ("claude-fable-5-2", {"thinking": SUMMARIZED, "output_config": {"effort": "low"}}),
    ("claude-sonnet-5-5", {"thinking": {"type": "between_tools"}}),
    ("claude-haiku-5-5", {"thinking": {"type": "disabled"}}),
    ("claude-opus-5", {"thinking": {"type": "disabled"}}),
    ("claude-sonnet-5", {"thinking": {"type": "disabled"}}),
    ("claude-opus-4-8", {}),
    ("claude-opus-4-7", {}),
    ("claude-sonnet-4-6", {}),
    ("claude-haiku-4-5", {}),
    ("gpt-6-sol", {"reasoning": {"effort": "none"}}),
    ("gpt-6.1-sol", {"reasoning": {"effort": "low"}}),
    ("gpt-oss-120b", {"reasoning_effort": "low"}),
    ("nova-2-lite", {}),
    ("grok-4.7", {"reasoning_effort": "low"}),
    ("kimi-k3.1", {"reasoning_effort": "none"}),
    ("kimi-k3", {}),
    ("deepseek-v3.2", {}),
]


@pytest.mark.parametrize(("model", "fields"), LEAST)
def test_without_reasoning_a_model_is_asked_for_the_least_that_it_allows(model: str, fields: dict[str, Any]) -> None:
    assert thinking_fields(request(model)) == fields


EFFORTS: list[tuple[str, str, dict[str, Any]]] = [
    ("claude-opus-5-5", "xhigh", {"thinking": SUMMARIZED, "output_config": {"effort": "xhigh"}}),
    ("claude-sonnet-4-6", "xhigh", {"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}}),
    (
        "claude-opus-4-5",
        "low",
        {
            "thinking": {"type": "enabled", "budget_tokens": 1024},
            "output_config": {"effort": "low"},
            "anthropic_beta": ["effort-2025-11-24"],
        },
    ),
    ("claude-haiku-4-5", "high", {}),  # no levels: as `reasoning` says
    ("gpt-6-sol", "max", {"reasoning": {"effort": "max"}}),
    ("gpt-6-sol", "none", {"reasoning": {"effort": "none"}}),
    ("gpt-6.1-sol", "none", {"reasoning": {"effort": "low"}}),
    ("gpt-oss-120b", "max", {"reasoning_effort": "high"}),
    ("nova-2-lite", "high", {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "high"}}),
    ("grok-4.7", "high", {"reasoning_effort": "high"}),
    ("nova-pro", "high", {}),
]


@pytest.mark.parametrize(("model", "effort", "fields"), EFFORTS)
def test_an_effort_goes_where_the_family_has_it(model: str, effort: str, fields: dict[str, Any]) -> None:
    assert thinking_fields(request(model, effort=effort)) == fields


@every_model
@pytest.mark.parametrize("effort", LEVELS)
def test_a_model_gets_only_levels_that_it_knows(model: Model, effort: str) -> None:
    known = {*model.capabilities.thinking.efforts}
    told = str(thinking_fields(request(model, effort=effort, reasoning=True)))
    assert not [level for level in LEVELS if level not in known and f"'{level}'" in told]


def test_the_fields_of_a_request_are_not_those_of_the_catalogue() -> None:
    """A request that changed the catalogue's own dictionary would change every later one."""
    thinking_fields(request("claude-haiku-4-5", reasoning=True))["thinking"]["type"] = "changed"
    thinking_fields(request("claude-haiku-5-5"))["thinking"]["type"] = "changed"
    assert thinking_fields(request("claude-haiku-4-5", reasoning=True))["thinking"]["type"] == "enabled"
    assert thinking_fields(request("claude-haiku-5-5"))["thinking"]["type"] == "disabled"


SAMPLING: list[tuple[str, dict[str, Any]]] = [
    (
        "claude-haiku-4-5",
        {
            "inferenceConfig": {"temperature": 0.6, "stopSequences": ["END", "***"]},
            "additionalModelRequestFields": {"top_k": 250},
        },
    ),
    ("claude-opus-4-7", {"inferenceConfig": {"stopSequences": ["END", "***"]}}),
    ("gpt-oss-120b", {"inferenceConfig": {"temperature": 0.6, "topP": 0.9, "stopSequences": ["END", "***"]}}),
    (
        "nova-pro",
        {
            "inferenceConfig": {"temperature": 0.6, "topP": 0.9, "stopSequences": ["END", "***"]},
            "additionalModelRequestFields": {"inferenceConfig": {"topK": 128}},  # the most that Nova takes
        },
    ),
    ("gpt-6-luna", {"inferenceConfig": {}}),
    ("grok-4.7", {"inferenceConfig": {"temperature": 0.6, "topP": 0.9}}),
]


@pytest.mark.parametrize(("model", "expected"), SAMPLING)
def test_only_what_a_family_knows_of_sampling_is_sent(model: str, expected: dict[str, Any]) -> None:
    found = sent(model, sampling=ALL)
    del found["inferenceConfig"]["maxTokens"]
    thinking = thinking_fields(request(model))
    additional = {k: v for k, v in found.get("additionalModelRequestFields", {}).items() if k not in thinking}
    assert found["inferenceConfig"] == expected["inferenceConfig"]
    assert additional == expected.get("additionalModelRequestFields", {})


@every_model
@pytest.mark.parametrize("reasoning", [False, True])
def test_no_model_gets_a_sampling_parameter_that_its_entry_does_not_name(model: Model, reasoning: bool) -> None:
    told = str(sent(model, sampling=ALL, reasoning=reasoning))
    words = {"temperature": "'temperature'", "top_p": "'topP'", "top_k": "'top_?[kK]'"}
    assert not [name for name in words.keys() - model.capabilities.sampling.keys() if re.search(words[name], told)]


def test_more_stop_sequences_than_a_model_takes_are_left_out() -> None:
    many = Sampling(stop_sequences=tuple("abcdef"))
    assert sent("nova-pro", sampling=many)["inferenceConfig"]["stopSequences"] == ["a", "b", "c", "d"]


@pytest.mark.parametrize("model", ["claude-haiku-4-5", "claude-sonnet-4-6", "scripted.lorem"])
def test_a_claude_that_thinks_gets_no_sampling_parameters(model: str) -> None:
    found = sent(model, sampling=ALL, reasoning=True)
    assert found["inferenceConfig"].keys() == {"maxTokens", "stopSequences"}
    assert found["additionalModelRequestFields"].keys() == {"thinking"}


def test_nova_at_high_effort_gets_neither_a_limit_nor_sampling() -> None:
    found = sent("nova-2-lite", sampling=ALL, effort="high")
    assert found["inferenceConfig"] == {"stopSequences": ["END", "***"]}
    assert sent("nova-2-lite", sampling=ALL, effort="low")["inferenceConfig"].keys() == {
        "maxTokens", "temperature", "topP", "stopSequences",
    }  # fmt: skip


def test_what_is_empty_is_left_out() -> None:
    assert sent("nova-pro").keys() == {"inferenceConfig"}
    assert sent("nova-2-lite", effort="high").keys() == {"additionalModelRequestFields"}


@pytest.mark.parametrize(
    ("model", "how", "tokens"),
    [
        ("claude-3-haiku", {"max_output_tokens": 99_999}, 4096),
        ("claude-opus-5-5", {"max_output_tokens": 500}, 500 + 16_384),  # always thinks
        ("claude-sonnet-5-5", {"max_output_tokens": 500}, 500),
        ("claude-sonnet-5-5", {"max_output_tokens": 500, "reasoning": True}, 500 + 16_384),
        ("claude-sonnet-5-5", {"max_output_tokens": 500, "effort": "low"}, 500 + 16_384),
        ("claude-opus-5-5", {"max_output_tokens": 120_000}, 128_000),
        ("gpt-6-luna", {"max_output_tokens": 4}, 16),  # fewer are rejected
        ("deepseek-r1", {"max_output_tokens": 32}, 32 + 8192),
        ("scripted.echo", {"max_output_tokens": 100}, 100),
    ],
)
def test_max_tokens_has_room_for_thinking_within_the_limits_of_the_model(
    model: str, how: dict[str, Any], tokens: int
) -> None:
    assert sent(model, **how)["inferenceConfig"]["maxTokens"] == tokens


@pytest.mark.parametrize(("most", "budget", "tokens"), [(500, 2048, 3072), (9000, 2048, 9000)])
def test_a_budget_of_thinking_leaves_tokens_for_the_answer(most: int, budget: int, tokens: int) -> None:
    how: dict[str, Any] = {"reasoning": True, "sampling": Sampling(reasoning_budget_tokens=budget)}
    found = sent("claude-haiku-4-5", max_output_tokens=most, **how)
    assert found["inferenceConfig"] == {"maxTokens": tokens}
    assert found["additionalModelRequestFields"] == {"thinking": {"type": "enabled", "budget_tokens": budget}}
