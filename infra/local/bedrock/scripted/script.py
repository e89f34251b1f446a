"""Writes the script of an answer from a request: blocks, timing, usage and fault."""

import json
import secrets
from dataclasses import dataclass

from infra.local.bedrock import tokens
from infra.local.bedrock.errors import cannot_count, invalid, too_long, too_long_to_count, unknown_model
from infra.local.bedrock.model_ids import ModelId
from infra.local.bedrock.request_models import ConverseRequest, Inference
from infra.local.bedrock.responses import Block, ReasoningContent, TextContent, TokenUsage, ToolUseContent
from infra.local.bedrock.scripted import answer_text, prompt, prose
from infra.local.bedrock.scripted.behaviours import BEHAVIOURS, Behaviour
from infra.local.bedrock.scripted.directives import Directives
from infra.local.bedrock.scripted.faults import Fault, FaultCounter
from infra.local.bedrock.scripted.prompt import Prompt


@dataclass(frozen=True, slots=True)
class Pacing:
    """Token n is due `ttft + n * gap` seconds after the request. `chunk` tokens share a frame, due with the first."""

    ttft: float
    gap: float
    chunk: int

    def due(self, token: int) -> float:
        return self.ttft + token * self.gap


@dataclass(frozen=True, slots=True)
class Script:
    """`usage`: None if no usage is reported. `fault` happens after `after` tokens."""

    blocks: list[Block]
    stop_reason: str
    usage: TokenUsage | None
    pace: Pacing
    fault: Fault | None
    after: int


def write(model: ModelId, request: ConverseRequest, counted: int, counter: FaultCounter) -> Script:
    """`counted`: input tokens. Raises a ValidationException for an unknown model or a request that it refuses."""
    behaviour = _behaviour(model)
    if counted > behaviour.context:
        raise too_long()
    read = prompt.read(request, behaviour.obeys_directives)
    if read.prefill and not behaviour.accepts_prefill:
        raise invalid(
            "This model does not support assistant message prefill. The conversation must end with a user message."
        )
    blocks, stop_reason = _blocks(model, behaviour, read, request)
    directives_of_round = read.directives
    return Script(
        blocks=blocks,
        stop_reason=directives_of_round.stop or stop_reason,
        usage=_usage(directives_of_round, counted, blocks),
        pace=_pace(behaviour, directives_of_round),
        fault=_fault(model, read, counter),
        after=directives_of_round.after,
    )


def count(model: ModelId, request: ConverseRequest, counted: int) -> int:
    """The tokens of input that the answer's usage reports, cached ones included. Faults strike only the answer.

    Raises a ValidationException: unknown model, one that cannot count, too long, bad directives.
    """
    behaviour = _behaviour(model)
    if not behaviour.counts_tokens:
        raise cannot_count()
    if counted > behaviour.context:
        raise too_long_to_count(counted, behaviour.context)
    usage = _usage(prompt.read(request, behaviour.obeys_directives).directives, counted, [])
    return usage.input + usage.cache_read + usage.cache_write if usage else counted


def _behaviour(model: ModelId) -> Behaviour:
    if model.name not in BEHAVIOURS:
        raise unknown_model()
    return BEHAVIOURS[model.name]


def _pace(behaviour: Behaviour, directives_of_round: Directives) -> Pacing:
    ttft = behaviour.ttft if directives_of_round.ttft is None else directives_of_round.ttft
    gap = behaviour.gap if directives_of_round.gap is None else directives_of_round.gap
    return Pacing(ttft / 1000, gap / 1000, directives_of_round.chunk or behaviour.chunk)


def _fault(model: ModelId, read: Prompt, counter: FaultCounter) -> Fault | None:
    directives_of_round = read.directives
    if directives_of_round.fault is None or (
        directives_of_round.profile is not None and directives_of_round.profile != model.profile
    ):
        return None
    return (
        directives_of_round.fault
        if counter.strikes(model.name.encode() + read.digest, directives_of_round.times)
        else None
    )


def _usage(directives_of_round: Directives, counted: int, blocks: list[Block]) -> TokenUsage | None:
    if directives_of_round.usage == "none":
        return None
    if directives_of_round.usage is not None:
        return TokenUsage(
            directives_of_round.usage.input,
            directives_of_round.usage.output,
            directives_of_round.usage.cache_read,
            directives_of_round.usage.cache_write,
        )
    return TokenUsage(counted, sum(len(block.tokens) for block in blocks))


def _blocks(model: ModelId, behaviour: Behaviour, read: Prompt, request: ConverseRequest) -> tuple[list[Block], str]:
    directives_of_round = read.directives
    calls = [ask for ask in directives_of_round.tool if ask.name in request.tool_names()]
    blocks: list[Block] = []
    thought = behaviour.reasoning if directives_of_round.reasoning is None else directives_of_round.reasoning
    if thought:
        blocks.append(
            ReasoningContent(
                prose.write("prose", answer_text.seed(read) + 1, thought), f"signed-{read.digest.hex()[:32]}"
            )
        )
    if not calls or directives_of_round.text or directives_of_round.tokens or directives_of_round.kind:
        blocks.append(TextContent(answer_text.words(model, behaviour, read)))
    for ask in calls:
        pieces = tokens.split(json.dumps(ask.input, ensure_ascii=False))
        blocks.append(ToolUseContent(pieces, f"tooluse_{secrets.token_urlsafe(16)}", ask.name))
    return _within_limits(blocks, request.inference_config, "tool_use" if calls else "end_turn")


def _within_limits(blocks: list[Block], inference: Inference, reason: str) -> tuple[list[Block], str]:
    kept: list[Block] = []
    room = inference.max_tokens
    for block in blocks:
        pieces = block.tokens
        if isinstance(block, TextContent) and (stopped := _stopped(pieces, inference.stop_sequences)) is not None:
            return [*kept, TextContent(stopped[:room])], "stop_sequence"
        if room is not None and len(pieces) > room:
            return kept + _cut(block, room), "max_tokens"
        room = room if room is None else room - len(pieces)
        kept.append(block)
    return kept, reason


def _cut(block: Block, room: int) -> list[Block]:
    """The block cut to `room` tokens. A tool call is left out, because part of its input is not valid JSON."""
    match block:
        case TextContent():
            return [TextContent(block.tokens[:room])] if room else []
        case ReasoningContent():
            return [ReasoningContent(block.tokens[:room], block.signature)]
        case ToolUseContent():
            return []


def _stopped(pieces: list[str], sequences: tuple[str, ...]) -> list[str] | None:
    whole = "".join(pieces)
    found = [place for place in (whole.find(sequence) for sequence in sequences if sequence) if place >= 0]
    return tokens.split(whole[: min(found)]) if found else None
