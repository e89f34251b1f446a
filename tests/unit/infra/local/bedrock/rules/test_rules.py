"""Each rule has requests that it refuses, and what it does not forbid is accepted."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.bedrock import rules
from infra.local.bedrock.errors import STATUS, BedrockError
from infra.local.bedrock.families import BY_MODEL
from infra.local.bedrock.rules import RULES
from tests.fakes.converse import CALCULATOR, assistant, tool_result, tool_use, user
from tests.unit.infra.local.bedrock.rules import refused_conversations, refused_reasoning, refused_settings
from tests.unit.infra.local.bedrock.rules.refused_conversations import Refused
from tests.unit.infra.local.bedrock.rules.refused_reasoning import BOUND, CLAUDE, HI, MORE, SECOND, THIRD
from tests.unit.infra.local.bedrock.rules.refused_settings import HOUR, POINT, document, model_fields
from tests.unit.infra.local.bedrock.scripted_answers import accept, answer, asked

REFUSED = [*refused_conversations.REFUSED, *refused_settings.REFUSED, *refused_reasoning.REFUSED]
CALL = (user("2+2?"), assistant(tool_use("t1", expression="2+2")))
DROP = model_fields(
    anthropic_beta=["thinking-binding-controls-2026-08-01"],
    thinking={"type": "adaptive", "block_binding": {"mismatch_behavior": "drop_block"}},
)


def test_every_rule_has_a_source_and_a_request_that_it_refuses() -> None:
    assert {rule.name for rule in RULES} == {refused.rule.name for refused in REFUSED}
    assert all(rule.source and rule.kind in STATUS for rule in RULES)
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("refused", REFUSED, ids=[refused.rule.name for refused in REFUSED])
def test_a_request_that_breaks_one_rule_is_refused_by_it(refused: Refused) -> None:
    tried = asked(*refused.messages, model=f"scripted.{refused.model}", streamed=refused.streamed, **refused.body)
    with pytest.raises(BedrockError) as raised:
        rules.check(tried)
    first = next(rule for rule in RULES if any(rule.check(tried)))
    assert first.name == refused.rule.name
    assert (raised.value.kind, raised.value.message) == (refused.rule.kind, next(refused.rule.check(tried)))
    assert refused.words in raised.value.message


@pytest.mark.parametrize("model", [*BY_MODEL, "scripted.lorem", "local.gguf"])
def test_a_plain_conversation_is_accepted_by_every_model(model: str) -> None:
    accept(user("a"), model=model)
    accept(user("a"), assistant("b"), user("c"), model=model)


@pytest.mark.parametrize("model", [model for model, family in BY_MODEL.items() if family.tools])
def test_a_round_of_tools_is_accepted_by_every_model_that_has_tools(model: str) -> None:
    accept(*CALL, user(tool_result("t1", "4")), model=model, toolConfig=CALCULATOR)


@pytest.mark.parametrize("model", ["claude", "budget", "bound", "nova", "gpt", "llama", "mistral", "lorem", "think"])
def test_a_model_takes_its_own_answers_back(model: str) -> None:
    first = answer(HI, model=f"scripted.{model}")
    returned = [block for block in first["content"] if model not in ("nova", "gpt") or "reasoningContent" not in block]
    accept(HI, {**first, "content": returned}, MORE, model=f"scripted.{model}")


@pytest.mark.parametrize(
    ("model", "messages", "body"),
    [
        ("claude", (*CALL, user({"toolResult": {"toolUseId": "t1", "content": []}})), {"toolConfig": CALCULATOR}),
        ("nova", (*CALL, user(tool_result("t1", ""))), {"toolConfig": CALCULATOR}),
        ("claude", (*CALL, user(tool_result("t1", "4"), "And?")), {"toolConfig": CALCULATOR}),
        ("llama", (HI,), {"toolConfig": CALCULATOR}),
        ("claude", (user("hi", HOUR, "and", POINT),), {}),
        ("claude", (HI,), {"toolConfig": {"tools": [*CALCULATOR["tools"], POINT]}}),
        ("nova", (user("hi", POINT),), {"system": [{"text": "Be kind."}, POINT]}),
        ("nova", (HI,), model_fields(reasoningConfig={"type": "enabled", "maxReasoningEffort": "high"})),
        ("gpt", (HI,), model_fields(reasoning={"effort": "none"})),
        ("claude", (HI,), model_fields(thinking={"type": "disabled"}, output_config={"effort": "high"})),
        ("lorem", (user("a", document("Report (2) [final] - a_b")),), {}),
        ("lorem", (user("a", document(" report ")),), {}),
        ("bound", (HI, CLAUDE, MORE), {}),
        ("claude", (HI, BOUND, MORE), {}),
        ("lorem", (HI, BOUND, MORE), {}),
    ],
)
def test_what_a_family_takes_is_accepted(
    model: str, messages: tuple[dict[str, Any], ...], body: dict[str, Any]
) -> None:
    accept(*messages, model=f"scripted.{model}", **body)


def test_bound_reasoning_comes_back_whole_or_not_at_all() -> None:
    accept(HI, BOUND, MORE, SECOND, MORE, THIRD, MORE, model="scripted.bound")
    plain = [refused_reasoning.without_reasoning(message) for message in (BOUND, SECOND, THIRD)]
    accept(HI, plain[0], MORE, plain[1], MORE, plain[2], MORE, model="scripted.bound")
    accept(HI, plain[0], MORE, SECOND, MORE, THIRD, MORE, model="scripted.bound")


def test_a_cache_point_is_no_change_of_what_reasoning_is_bound_to() -> None:
    accept(user("hi", POINT), BOUND, MORE, model="scripted.bound")


def test_reasoning_of_another_conversation_is_dropped_on_demand() -> None:
    accept(user("hello"), BOUND, MORE, model="scripted.bound", **DROP)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 5_000) | st.sampled_from(["enabled", "adaptive", "low", "object", " "]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "budget_tokens", "effort", "block_binding", "maxReasoningEffort"]), inner
        )
    ),
    max_leaves=6,
)
FIELDS = st.dictionaries(st.sampled_from(["thinking", "output_config", "reasoningConfig", "reasoning", "top_k"]), JSON)


@given(st.sampled_from(list(BY_MODEL)), FIELDS, JSON)
def test_any_request_is_accepted_or_refused(model: str, fields: dict[str, Any], value: Any) -> None:
    call = {"toolUse": {"toolUseId": "t1", "name": "calculator", "input": value}}
    told = {"toolResult": {"toolUseId": "t1", "content": [{"json": value}]}}
    tools = {"tools": [{"toolSpec": {"name": "calculator", "inputSchema": {"json": value}}}]}
    for body in ({}, {"toolConfig": tools}, {"toolConfig": CALCULATOR}):
        with contextlib.suppress(BedrockError):
            accept(user("a"), assistant(call), user(told), model=model, additionalModelRequestFields=fields, **body)
        with contextlib.suppress(BedrockError):
            answer(user("a"), model=model, additionalModelRequestFields=fields)


def test_of_two_broken_rules_the_first_is_told() -> None:
    with pytest.raises(BedrockError, match="is blank"):
        accept(assistant(" "))


def test_a_cache_point_for_a_model_without_caching_is_not_allowed() -> None:
    with pytest.raises(BedrockError) as refused:
        accept(user("hi", POINT), model="scripted.llama")
    assert (refused.value.kind, refused.value.status) == ("AccessDeniedException", 403)
