"""How a request asks for tokens, sampling and thinking, as the catalogue says that its model takes them.

A model rejects a request with a parameter that it does not know, so nothing is sent that its entry does not name.
"""

from copy import deepcopy
from typing import Any, Final

from shared.catalogue.capabilities import EffortLevel, Omission, SamplingField
from shared.llm.port import ModelRequest

_LEAST_ANSWER_TOKENS: Final = 1024  # left for the answer when the budget of thinking takes all output tokens


def parameters(request: ModelRequest) -> dict[str, Any]:
    """Build `inferenceConfig` and `additionalModelRequestFields`; each is left out when it is empty."""
    left_out = _left_out(request)
    found: dict[str, Any] = {"inferenceConfig": {}, "additionalModelRequestFields": thinking_fields(request)}
    if "max_tokens" not in left_out:
        found["inferenceConfig"]["maxTokens"] = _max_tokens(request)
    if sequences := request.sampling.stop_sequences[: request.model.capabilities.most_stop_sequences]:
        found["inferenceConfig"]["stopSequences"] = list(sequences)
    for name, place in request.model.capabilities.sampling.items():
        value = _within(place, getattr(request.sampling, name))
        if value is not None and name not in left_out:
            _put(found, place.field, value)
    return {name: fields for name, fields in found.items() if fields}


def thinking_fields(request: ModelRequest) -> dict[str, Any]:
    """The additional fields that ask for thinking, or for as little of it as the model allows."""
    thinking = request.model.capabilities.thinking
    if not _is_wanted(request):
        return deepcopy(thinking.off)
    fields = deepcopy(thinking.on)
    if thinking.budget_field:
        _put(fields, thinking.budget_field, request.sampling.reasoning_budget_tokens)
    if thinking.effort and (level := _level(request)):
        _put(fields, thinking.effort.field, level)
        fields |= deepcopy(thinking.effort.fields)
    return fields


def _level(request: ModelRequest) -> EffortLevel | None:
    """The model's level that is nearest to the effort wanted; None: no effort is wanted, or the model has no levels."""
    effort = request.model.capabilities.thinking.effort
    return effort.nearest(request.effort) if effort and request.effort else None


def _is_wanted(request: ModelRequest) -> bool:
    """Whether the request asks for thinking. An effort says so by itself."""
    level = _level(request)
    return level != "none" if level else request.reasoning


def _thinks(request: ModelRequest) -> bool:
    thinks = request.model.capabilities.thinking.thinks
    return thinks == "always" or (thinks == "optional" and _is_wanted(request))


def _left_out(request: ModelRequest) -> frozenset[Omission]:
    thinking = request.model.capabilities.thinking
    if not _thinks(request):
        return frozenset()
    level = _level(request)
    at_level = thinking.effort.leave_out.get(level) if thinking.effort and level else None
    return thinking.leave_out | (at_level or frozenset())


def _max_tokens(request: ModelRequest) -> int:
    """The tokens of the answer, with room for thinking, because a model counts that against its limit, too."""
    thinking, limits = request.model.capabilities.thinking, request.model.limits
    tokens = request.max_output_tokens
    if _thinks(request):
        tokens += thinking.room_tokens
        if thinking.budget_field:
            tokens = max(tokens, request.sampling.reasoning_budget_tokens + _LEAST_ANSWER_TOKENS)
    return min(max(tokens, limits.least_output_tokens), limits.output_tokens)


def _within(place: SamplingField, value: float | None) -> float | None:
    """The value, or the end of the model's range that is nearest to it."""
    if value is not None and place.least is not None:
        value = max(value, place.least)
    if value is not None and place.most is not None:
        value = min(value, place.most)
    return value


def _put(fields: dict[str, Any], path: str, value: Any) -> None:
    """Set the field at a path such as `inferenceConfig.topP`; fields on the way are made."""
    *way, last = path.split(".")
    for name in way:
        fields = fields.setdefault(name, {})
    fields[last] = value
