"""Rules about reasoning that comes back: who signed it, for which conversation, and in which order."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from infra.local.bedrock import prompt_parts, reasoning_seal
from infra.local.bedrock.content_models import Reasoning, RequestMessage
from infra.local.bedrock.prompt_parts import Part
from infra.local.bedrock.reasoning_seal import Seal
from infra.local.bedrock.rules.rule import ANALOGY, Asked, PlacedBlock, by_model, rule

_REMOVE = "User messages cannot contain reasoning content. Please remove the reasoning content and try again."
_UNSUPPORTED = "This model doesn't support the {0} field. Remove {0} and try again."
BINDING_BETA = "thinking-binding-controls-2026-08-01"


class Sealed(NamedTuple):
    """Reasoning of this model that has an intact seal."""

    placed: PlacedBlock
    seal: Seal
    block_id: str


def _signature(reasoning: Reasoning) -> str:
    return (reasoning.reasoning_text.signature if reasoning.reasoning_text else reasoning.redacted_content) or ""


def _seal(reasoning: Reasoning) -> Seal | None:
    text = reasoning.reasoning_text.text if reasoning.reasoning_text else ""
    return reasoning_seal.read(_signature(reasoning), text, redacted=reasoning.redacted_content is not None)


def own_reasoning(asked: Asked) -> list[Sealed]:
    """Reasoning of another model is left out, as Bedrock drops it without an error."""
    found = []
    for placed, reasoning in asked.reasoning():
        seal = _seal(reasoning)
        if seal and seal.model == asked.model:
            found.append(Sealed(placed, seal, reasoning_seal.block_id(_signature(reasoning))))
    return found


def thinking(asked: Asked) -> dict[str, Any]:
    """The field `thinking` of the request; empty if there is none."""
    asked_for = asked.request.additional_model_request_fields.get("thinking")
    return asked_for if isinstance(asked_for, dict) else {}


@rule("https://github.com/langchain-ai/langchain-aws/issues/401")
def only_the_model_reasons(asked: Asked) -> Iterator[str]:
    if any(placed.role == "user" for placed in asked.blocks["reasoning_content"]):
        yield _REMOVE


@rule("https://github.com/can1357/oh-my-pi/pull/9086")
def reasoning_is_sent_back_only_where_the_model_takes_it(asked: Asked) -> Iterator[str]:
    if asked.blocks["reasoning_content"] and not asked.family.takes_reasoning:
        yield _REMOVE


@rule("https://github.com/strands-agents/harness-sdk/pull/682")
def signatures_are_sent_only_where_the_model_takes_them(asked: Asked) -> Iterator[str]:
    for _, reasoning in asked.reasoning():
        text = reasoning.reasoning_text
        if text and text.signature is not None and not asked.family.takes_signatures:
            yield _UNSUPPORTED.format("reasoningContent.reasoningText.signature")


@rule(ANALOGY.format("https://github.com/strands-agents/harness-sdk/pull/682, of signatures"))
def redacted_reasoning_is_sent_only_where_the_model_takes_it(asked: Asked) -> Iterator[str]:
    for _, reasoning in asked.reasoning():
        if reasoning.redacted_content is not None and not asked.family.takes_signatures:
            yield _UNSUPPORTED.format("reasoningContent.redactedContent")


@rule("https://github.com/can1357/oh-my-pi/pull/10486")
def reasoning_is_signed(asked: Asked) -> Iterator[str]:
    for placed, reasoning in asked.reasoning():
        text = reasoning.reasoning_text
        if text and not text.signature and asked.family.signs:
            yield by_model(asked.family, f"{placed.place}.thinking.signature: Field required")


@rule("https://github.com/anthropics/anthropic-sdk-python/issues/1598: text and signature, also of another model")
def a_signature_is_unaltered(asked: Asked) -> Iterator[str]:
    for placed, reasoning in asked.reasoning():
        if reasoning.reasoning_text and asked.family.signs and not _seal(reasoning):
            yield by_model(asked.family, f"{placed.place}: Invalid `signature` in `thinking` block")


@rule("https://github.com/anthropics/claude-code/issues/56708")
def redacted_reasoning_is_unaltered(asked: Asked) -> Iterator[str]:
    for placed, reasoning in asked.reasoning():
        if reasoning.redacted_content is not None and asked.family.signs and not _seal(reasoning):
            yield by_model(asked.family, f"{placed.place}: Invalid `data` in `redacted_thinking` block")


@rule("https://github.com/pydantic/pydantic-ai/issues/7908, https://github.com/maximhq/bifrost/issues/6342")
def reasoning_of_the_latest_answer_is_complete(asked: Asked) -> Iterator[str]:
    """All of it or none of it, in its order."""
    if not asked.family.signs or not asked.blocks["reasoning_content"]:
        return
    answers = [number for number, message in enumerate(asked.request.messages) if message.role == "assistant"]
    latest = [each for each in own_reasoning(asked) if answers and each.placed.number == answers[-1]]
    for before, sealed in zip([None, *latest], latest, strict=False):
        whole = sealed.seal.first if before is None else sealed.seal.previous == before.block_id
        if not whole:
            yield by_model(
                asked.family,
                f"{sealed.placed.place}: `thinking` or `redacted_thinking` blocks in the latest assistant message "
                "cannot be modified. These blocks must remain as they were in the original response.",
            )


@rule("https://github.com/langchain-ai/langchain-aws/issues/844; not for adaptive thinking")
def an_answer_with_calls_begins_with_its_reasoning(asked: Asked) -> Iterator[str]:
    messages = asked.request.messages
    if asked.family.thinking != "budget" or thinking(asked).get("type") != "enabled":
        return
    answers = [number for number, message in enumerate(messages) if message.role == "assistant"]
    if not answers or not (messages[-1].role == "assistant" or messages[-1].tool_results()):
        return
    first = messages[answers[-1]].content[:1]
    if first and first[0].reasoning_content is None:
        found = "tool_use" if first[0].tool_use else "text"
        yield by_model(
            asked.family,
            f"messages.{answers[-1]}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{found}`. "
            "When `thinking` is enabled, a final `assistant` message must start with a thinking block (preceeding the "
            "lastmost set of `tool_use` and `tool_result` blocks). We recommend you include thinking blocks from "
            "previous turns. To avoid this requirement, disable `thinking`.",
        )


@rule(
    "https://platform.claude.com/docs/en/build-with-claude/preserved-thinking/prefix-checks; the way out: "
    "https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-thinking-block-binding.html"
)
def reasoning_belongs_to_this_conversation(asked: Asked) -> Iterator[str]:
    """Nothing before a block has changed, and no block between others is left out or moved."""
    if not asked.family.bound or _drops_blocks(asked):
        return
    before = None
    for sealed in own_reasoning(asked):
        moved = before is not None and sealed.seal.previous != before
        if moved or sealed.seal.prefix != prompt_parts.digest(_prefix(asked, sealed)):
            yield by_model(
                asked.family,
                f"{sealed.placed.place}: Invalid `signature` in `thinking` block. The block is bound to a different "
                "conversation. Remove the block, or set `thinking.block_binding.prefix_mismatch_behavior` to "
                '"drop_block".',
            )
        before = sealed.block_id


def _drops_blocks(asked: Asked) -> bool:
    binding = thinking(asked).get("block_binding")
    betas = asked.request.additional_model_request_fields.get("anthropic_beta")
    return (
        isinstance(binding, dict)
        and binding.get("mismatch_behavior") == "drop_block"
        and isinstance(betas, list)
        and BINDING_BETA in betas
    )


def _prefix(asked: Asked, sealed: Sealed) -> Iterator[Part]:
    whole = asked.request.messages[: sealed.placed.number]
    cut = asked.request.messages[sealed.placed.number]
    yield from prompt_parts.parts(asked.request.model_copy(update={"messages": whole}))
    yield from prompt_parts.message_parts(
        RequestMessage.model_construct(role=cut.role, content=cut.content[: sealed.placed.position])
    )
