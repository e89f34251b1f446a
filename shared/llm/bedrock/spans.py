"""Spans of model calls, by OpenTelemetry's conventions for generative models. They contain no prompt and no answer.

https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
"""

from collections.abc import Iterator
from contextlib import contextmanager

from shared.catalogue import Usage
from shared.llm.bedrock.candidates import Candidate
from shared.llm.port import ModelEvent, ModelFailedError, ModelRequest, Stopped, UsageReported
from shared.telemetry.spans import Span, Value, fail, start_span


class ModelCallSpan:
    """The span of one model call, completed while the answer streams."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def set_candidate(self, candidate: Candidate) -> None:
        """Set the region and model id that answer the call."""
        self._span.set_attribute("gen_ai.response.model", candidate.model_id)
        self._span.set_attribute("cloud.region", candidate.region)

    def record(self, event: ModelEvent) -> None:
        """Set what this event says about the call: its stop reason or its usage."""
        match event:
            case Stopped(reason):
                self._span.set_attribute("gen_ai.response.finish_reasons", [reason])
            case UsageReported(usage):
                for name, count in _counts(usage).items():
                    self._span.set_attribute(name, count)


@contextmanager
def model_call(request: ModelRequest, first: Candidate) -> Iterator[ModelCallSpan]:
    """Trace one call, from the request to the `first` candidate to the last event. The span does not become current."""
    names: dict[str, Value] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "aws.bedrock",
        "gen_ai.request.model": first.model_id,
        "gen_ai.request.max_tokens": request.max_output_tokens,
        "colloquy.invocation.id": request.invocation_id,
    }
    span = start_span(f"chat {request.model.id}", "client", names)
    try:
        yield ModelCallSpan(span)
    except ModelFailedError as error:
        fail(span, error.slug)
        raise
    finally:
        span.end()


def _counts(usage: Usage) -> dict[str, int]:
    """Usage as attributes. OpenTelemetry counts tokens read from and written to a cache as input tokens, too."""
    cached = {
        "gen_ai.usage.cache_read.input_tokens": usage.cache_read_tokens,
        "gen_ai.usage.cache_creation.input_tokens": usage.cache_write_tokens,
    }
    return {
        "gen_ai.usage.input_tokens": usage.input_tokens + sum(cached.values()),
        "gen_ai.usage.output_tokens": usage.output_tokens,
        **{name: count for name, count in cached.items() if count},
    }
