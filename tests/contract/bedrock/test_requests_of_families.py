"""Whatever a person chooses, the local Bedrock refuses no request that is built from the catalogue, for any family."""

import json
from itertools import product
from typing import Any

import pytest

from infra.local.bedrock import families, request_models, rules
from infra.local.bedrock.errors import BedrockError
from shared.catalogue import Catalogue, Model
from shared.llm.bedrock.request import converse_arguments
from shared.llm.content import TextPart
from shared.llm.port import ModelRequest, PromptMessage, Sampling, ToolSpec
from tests.fakes.clock import FakeClock

MODELS = [model for model in Catalogue.offered(("scripted",), clock=FakeClock()) if model.id in families.BY_MODEL]
EFFORTS = (None, "none", "minimal", "low", "medium", "high", "xhigh", "max", "never heard of")
SAMPLINGS = (
    Sampling(),
    Sampling(temperature=2.0, top_p=0.9, top_k=1000, stop_sequences=("END", "a", "b", "c", "d", "e")),
    Sampling(reasoning_budget_tokens=20_000),
)
QUESTION = PromptMessage.of_text("user", "Why?")
PROMPTS = ([QUESTION], [QUESTION, PromptMessage("assistant", (TextPart("Because."),)), QUESTION])
CALCULATOR = ToolSpec("calculator", "Works out an expression.", {"type": "object"})


def refusal(model: Model, **chosen: Any) -> str | None:
    """The message with which the request is refused, as a stream; None if it is accepted."""
    tools = [CALCULATOR] if model.capabilities.tools else []
    arguments = converse_arguments(ModelRequest("inv_1", model, tools=tools, **chosen), model.bedrock_id)
    del arguments["modelId"]  # a part of the path
    request = request_models.parse(json.dumps(arguments).encode())
    try:
        rules.check(rules.Asked(request, model.id, families.of(model.id), True))
    except BedrockError as error:
        return error.message
    return None


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_no_choice_of_a_person_leads_to_a_refusal(model: Model) -> None:
    choices = product(PROMPTS, SAMPLINGS, (False, True), EFFORTS, (1, 32, 4096, 10**6), ("", "Be brief."))
    for messages, sampling, reasoning, effort, tokens, system in choices:
        chosen = {"reasoning": reasoning, "effort": effort, "max_output_tokens": tokens}
        assert refusal(model, messages=messages, sampling=sampling, system=system, **chosen) is None, chosen


def test_every_family_has_a_model_of_the_catalogue() -> None:
    assert {model.id for model in MODELS} == families.BY_MODEL.keys()
