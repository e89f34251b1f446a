"""The blocks of a scripted answer: what the model thinks, says and calls, cut to the request's limits."""

import json

from infra.local.bedrock import tokens
from infra.local.bedrock.request_models import Inference
from infra.local.bedrock.responses import Block, ReasoningContent, RedactedContent, TextContent, ToolUseContent, length
from infra.local.bedrock.rules.reasoning_rules import thinking
from infra.local.bedrock.rules.rule import Asked
from infra.local.bedrock.scripted import answer_text, block_directives, prose
from infra.local.bedrock.scripted.behaviours import Behaviour
from infra.local.bedrock.scripted.block_directives import TO_BE_SIGNED, new_tool_use_id
from infra.local.bedrock.scripted.prompt import Prompt
from infra.local.bedrock.scripted.signed_blocks import signed


def write(asked: Asked, behaviour: Behaviour, read: Prompt) -> tuple[list[Block], str]:
    """Returns the blocks and the stop reason."""
    directives_of_round = read.directives
    if directives_of_round.blocks is not None:
        told = block_directives.built(directives_of_round.blocks)
        return signed(told, asked), block_directives.stop_reason(told)
    calls = [ask for ask in directives_of_round.tool if ask.name in asked.request.tool_names()]
    blocks = _reasoning(asked, behaviour, read)
    if not calls or directives_of_round.text or directives_of_round.tokens or directives_of_round.kind:
        blocks.append(TextContent(answer_text.words(asked.model, behaviour, read)))
    for ask in calls:
        pieces = tokens.split(json.dumps(ask.input, ensure_ascii=False))
        blocks.append(ToolUseContent(pieces, new_tool_use_id(), ask.name))
    blocks, reason = _within_limits(blocks, asked.request.inference_config, "tool_use" if calls else "end_turn")
    return signed(blocks, asked), reason


def _reasoning(asked: Asked, behaviour: Behaviour, read: Prompt) -> list[Block]:
    told = read.directives.reasoning
    thought = told if told is not None else behaviour.reasoning if _thinks(asked) else 0
    if not thought:
        return []
    family = asked.family
    signature = TO_BE_SIGNED if family.takes_reasoning and family.takes_signatures else ""
    if family.thinking == "nova":
        return [ReasoningContent(["[REDACTED]"], signature, hidden=thought - 1)]
    if not family.shows_thinking and thinking(asked).get("display") != "summarized":
        return [ReasoningContent([], signature, hidden=thought)]
    return [ReasoningContent(prose.write("prose", answer_text.seed(read) + 1, thought), signature)]


def _thinks(asked: Asked) -> bool:
    """Whether the model reasons by itself or because it is asked to."""
    fields = asked.request.additional_model_request_fields
    settings = {name: value for name, value in fields.items() if isinstance(value, dict)}
    match asked.family.thinking:
        case "budget":
            return thinking(asked).get("type") == "enabled"
        case "adaptive":
            return thinking(asked).get("type") != "disabled"
        case "nova":
            return bool(settings.get("reasoningConfig", {}).get("type") == "enabled")
        case "effort":
            return bool(settings.get("reasoning", {}).get("effort") != "none")
        case "always" | "none":
            return True


def _within_limits(blocks: list[Block], inference: Inference, reason: str) -> tuple[list[Block], str]:
    kept: list[Block] = []
    room = inference.max_tokens
    for block in blocks:
        pieces = block.tokens
        if isinstance(block, TextContent) and (stopped := _stopped(pieces, inference.stop_sequences)) is not None:
            return [*kept, TextContent(stopped[:room])], "stop_sequence"
        if room is not None and length(block) > room:
            return kept + _cut(block, room), "max_tokens"
        room = room if room is None else room - length(block)
        kept.append(block)
    return kept, reason


def _cut(block: Block, room: int) -> list[Block]:
    """The block cut to `room` tokens: of a tool call the beginning of its input remains, as from a real model."""
    match block:
        case TextContent():
            return [TextContent(block.tokens[:room])] if room else []
        case ReasoningContent():
            hidden = min(block.hidden, room)
            return [ReasoningContent(block.tokens[: room - hidden], block.signature, hidden)]
        case RedactedContent():
            return []
        case ToolUseContent():
            return [ToolUseContent(block.tokens[:room], block.tool_use_id, block.name)] if room else []


def _stopped(pieces: list[str], sequences: tuple[str, ...]) -> list[str] | None:
    whole = "".join(pieces)
    found = [place for place in (whole.find(sequence) for sequence in sequences if sequence) if place >= 0]
    return tokens.split(whole[: min(found)]) if found else None
