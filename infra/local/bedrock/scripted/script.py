"""From a request to everything that will be said, when, and what goes wrong."""

import json
import secrets
from dataclasses import dataclass

from infra.local.bedrock import tokens
from infra.local.bedrock.answers import Block, Reasoning, Text, ToolCall, Usage
from infra.local.bedrock.errors import invalid, too_long, unknown_model
from infra.local.bedrock.model_ids import ModelId
from infra.local.bedrock.scripted import prompt, prose, wording
from infra.local.bedrock.scripted.directives import Directives
from infra.local.bedrock.scripted.faults import Fault, FaultCounter
from infra.local.bedrock.scripted.prompt import Prompt
from infra.local.bedrock.scripted.styles import STYLES, Style
from infra.local.bedrock.wire import ConverseRequest, Inference


@dataclass(frozen=True, slots=True)
class Pace:
    """Token n is due `ttft + n * gap` seconds after the request; `chunk` tokens share a frame, due with its first."""

    ttft: float
    gap: float
    chunk: int

    def due(self, token: int) -> float:
        return self.ttft + token * self.gap


@dataclass(frozen=True, slots=True)
class Script:
    """`usage` is None when none shall be reported; a fault strikes after that many tokens."""

    blocks: list[Block]
    stop_reason: str
    usage: Usage | None
    pace: Pace
    fault: Fault | None
    after: int


def write(model: ModelId, request: ConverseRequest, counted: int, counter: FaultCounter) -> Script:
    """`counted`: tokens of input. Raises a ValidationException: unknown model, too long, bad directives, no prefill."""
    style = STYLES.get(model.name)
    if style is None:
        raise unknown_model()
    if counted > style.context:
        raise too_long()
    read = prompt.read(request, style.obeys)
    if read.prefill and not style.continues:
        raise invalid(
            "This model does not support assistant message prefill. The conversation must end with a user message."
        )
    blocks, stop_reason = _blocks(model, style, read, request)
    steer = read.directives
    return Script(
        blocks=blocks,
        stop_reason=steer.stop or stop_reason,
        usage=_usage(steer, counted, blocks),
        pace=_pace(style, steer),
        fault=_fault(model, read, counter),
        after=steer.after,
    )


def _pace(style: Style, steer: Directives) -> Pace:
    ttft = style.ttft if steer.ttft is None else steer.ttft
    gap = style.gap if steer.gap is None else steer.gap
    return Pace(ttft / 1000, gap / 1000, steer.chunk or style.chunk)


def _fault(model: ModelId, read: Prompt, counter: FaultCounter) -> Fault | None:
    steer = read.directives
    if steer.fault is None or (steer.profile is not None and steer.profile != model.profile):
        return None
    return steer.fault if counter.strikes(model.name.encode() + read.digest, steer.times) else None


def _usage(steer: Directives, counted: int, blocks: list[Block]) -> Usage | None:
    if steer.usage == "none":
        return None
    if steer.usage is not None:
        return Usage(steer.usage.input, steer.usage.output, steer.usage.cache_read, steer.usage.cache_write)
    return Usage(counted, sum(len(block.tokens) for block in blocks))


def _blocks(model: ModelId, style: Style, read: Prompt, request: ConverseRequest) -> tuple[list[Block], str]:
    steer = read.directives
    calls = [ask for ask in steer.tool if ask.name in request.tool_names()]
    blocks: list[Block] = []
    thought = style.reasoning if steer.reasoning is None else steer.reasoning
    if thought:
        blocks.append(
            Reasoning(prose.write("prose", wording.seed(read) + 1, thought), f"signed-{read.digest.hex()[:32]}")
        )
    if not calls or steer.text or steer.tokens or steer.kind:
        blocks.append(Text(wording.words(model, style, read)))
    for ask in calls:
        pieces = tokens.split(json.dumps(ask.input, ensure_ascii=False))
        blocks.append(ToolCall(pieces, f"tooluse_{secrets.token_urlsafe(16)}", ask.name))
    return _within_limits(blocks, request.inference_config, "tool_use" if calls else "end_turn")


def _within_limits(blocks: list[Block], inference: Inference, reason: str) -> tuple[list[Block], str]:
    kept: list[Block] = []
    room = inference.max_tokens
    for block in blocks:
        pieces = block.tokens
        if isinstance(block, Text) and (stopped := _stopped(pieces, inference.stop_sequences)) is not None:
            return [*kept, Text(stopped[:room])], "stop_sequence"
        if room is not None and len(pieces) > room:
            return kept + _cut(block, room), "max_tokens"
        room = room if room is None else room - len(pieces)
        kept.append(block)
    return kept, reason


def _cut(block: Block, room: int) -> list[Block]:
    """A tool call is never cut, for half an input is no JSON: it is left out."""
    match block:
        case Text():
            return [Text(block.tokens[:room])] if room else []
        case Reasoning():
            return [Reasoning(block.tokens[:room], block.signature)]
        case ToolCall():
            return []


def _stopped(pieces: list[str], sequences: tuple[str, ...]) -> list[str] | None:
    whole = "".join(pieces)
    found = [place for place in (whole.find(sequence) for sequence in sequences if sequence) if place >= 0]
    return tokens.split(whole[: min(found)]) if found else None
