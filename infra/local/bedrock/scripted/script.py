"""Writes the script of an answer from a request: blocks, timing, usage and fault."""

from dataclasses import dataclass

from infra.local.bedrock import families
from infra.local.bedrock.errors import BedrockError, cannot_count, too_long, too_long_to_count, unknown_model
from infra.local.bedrock.model_ids import ModelId
from infra.local.bedrock.request_models import ConverseRequest
from infra.local.bedrock.responses import Block, TokenUsage, length
from infra.local.bedrock.rules.rule import Asked
from infra.local.bedrock.scripted import answer_blocks, poison, prompt
from infra.local.bedrock.scripted.behaviours import BEHAVIOURS, Behaviour
from infra.local.bedrock.scripted.directives import Directives
from infra.local.bedrock.scripted.faults import REFUSALS, Fault, FaultCounter
from infra.local.bedrock.scripted.prompt import Prompt
from infra.local.bedrock.scripted.prompt_cache import CacheBill, PromptCache


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
    """`usage`: None if no usage is reported. `fault` happens after `after` tokens. `tier`: the service tier."""

    blocks: list[Block]
    stop_reason: str
    usage: TokenUsage | None
    pace: Pacing
    fault: Fault | None
    after: int
    tier: str = "default"


def write(
    model: ModelId, request: ConverseRequest, counted: int, counter: FaultCounter, cache: PromptCache | None = None
) -> Script:
    """`counted`: input tokens. Without `cache`, nothing is cached.

    Raises a ValidationException for an unknown model or a request that it refuses.
    """
    behaviour, family = _behaviour(model), families.of(model.name)
    if counted > family.context:
        raise too_long()
    _refuse_poison(request)
    read = prompt.read(request, behaviour.obeys_directives)
    blocks, stop_reason = answer_blocks.write(Asked(request, model.name, family), behaviour, read)
    directives_of_round = read.directives
    fault = _fault(model, read, counter)
    caching = family.caching if fault not in REFUSALS else None
    bill = cache.bill(model.name, request, caching) if cache and caching else CacheBill()
    return Script(
        blocks=blocks,
        stop_reason=directives_of_round.stop or stop_reason,
        usage=_usage(directives_of_round, counted, blocks, bill),
        pace=_pace(behaviour, directives_of_round),
        fault=fault,
        after=directives_of_round.after,
        tier=request.service_tier.type,
    )


def count(model: ModelId, request: ConverseRequest, counted: int) -> int:
    """The tokens of input that the answer's usage reports, cached ones included. Faults strike only the answer.

    Raises a ValidationException: unknown model, one that cannot count, too long, bad directives.
    """
    behaviour, family = _behaviour(model), families.of(model.name)
    if not family.counts_tokens:
        raise cannot_count()
    if counted > family.context:
        raise too_long_to_count(counted, family.context)
    _refuse_poison(request)
    usage = _usage(prompt.read(request, behaviour.obeys_directives).directives, counted, [], CacheBill())
    return usage.input + usage.cache_read + usage.cache_write if usage else counted


def _refuse_poison(request: ConverseRequest) -> None:
    if fault := poison.fault_of(request):
        raise BedrockError(*REFUSALS[fault])


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


def _usage(directives_of_round: Directives, counted: int, blocks: list[Block], bill: CacheBill) -> TokenUsage | None:
    if directives_of_round.usage == "none":
        return None
    if directives_of_round.usage is not None:
        return TokenUsage(
            directives_of_round.usage.input,
            directives_of_round.usage.output,
            directives_of_round.usage.cache_read,
            directives_of_round.usage.cache_write,
            null=directives_of_round.usage.null,
            missing=directives_of_round.usage.missing,
        )
    uncached = counted - bill.read - bill.written
    return TokenUsage(uncached, sum(map(length, blocks)), bill.read, bill.written, bill.details())
