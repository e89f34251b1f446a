"""Rules about whose turn it is."""

from collections.abc import Iterator
from itertools import pairwise

from infra.local.bedrock.rules.rule import ANALOGY, Asked, by_model, rule

_NO_PREFILL = "This model does not support assistant message prefill. The conversation must end with a user message."


@rule("Bedrock's words, as public reports quote them")
def the_user_speaks_first(asked: Asked) -> Iterator[str]:
    if asked.request.messages[0].role != "user":
        yield (
            "A conversation must start with a user message. "
            "Try again with a conversation that starts with a user message."
        )


@rule("https://github.com/langgenius/dify/issues/9294")
def roles_alternate(asked: Asked) -> Iterator[str]:
    if any(first.role == second.role for first, second in pairwise(asked.request.messages)):
        yield (
            "A conversation must alternate between user and assistant roles. "
            "Make sure the conversation alternates between user and assistant roles and try again."
        )


@rule("Anthropic's words, as public reports quote them")
def a_begun_answer_does_not_end_in_white_space(asked: Asked) -> Iterator[str]:
    last = asked.request.messages[-1]
    if last.role == "assistant" and last.text() != last.text().rstrip():
        yield "messages: final assistant content cannot end with trailing whitespace"


@rule("https://github.com/NousResearch/hermes-agent/issues/105780, which quotes the words")
def an_answer_is_begun_only_where_the_model_can_go_on(asked: Asked) -> Iterator[str]:
    if asked.request.messages[-1].role == "assistant" and not asked.family.prefill:
        yield _NO_PREFILL


@rule("https://github.com/NousResearch/hermes-agent/issues/105780")
def an_answer_is_more_than_reasoning(asked: Asked) -> Iterator[str]:
    """Newer Claude models take an answer of reasoning alone for one that was begun, wherever it is."""
    if not asked.family.anthropic or asked.family.prefill:
        return
    for message in asked.request.messages:
        said = [block for block in message.content if block.cache_point is None]
        if message.role == "assistant" and said and all(block.reasoning_content is not None for block in said):
            yield _NO_PREFILL


@rule("https://github.com/567-labs/instructor/issues/1753")
def a_system_prompt_is_sent_only_where_the_model_takes_one(asked: Asked) -> Iterator[str]:
    if asked.request.system and not asked.family.system:
        yield (
            "This model doesn't support system messages. "
            "Try again without a system message or use a model that supports system messages."
        )


@rule(ANALOGY.format("https://docs.aws.amazon.com/bedrock/latest/userguide/service-tiers-inference.html"))
def the_service_tier_is_one_of_the_model(asked: Asked) -> Iterator[str]:
    if asked.request.service_tier.type not in asked.family.tiers:
        yield by_model(asked.family, f"This model doesn't support the {asked.request.service_tier.type} service tier")
